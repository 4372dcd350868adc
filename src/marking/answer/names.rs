//! What an answer calls the scenario's tensors.

use crate::diagnostic::nearest;
use crate::tape::{Kind, Network, TensorInfo};
use crate::tensor::{Shape, TensorId};

/// How many names of a wrapper, each within the one before, are tried.
const MOST_WRAPPERS: usize = 16;

/// What an answer calls the scenario's tensors.
pub(super) struct Names<'a> {
    network: &'a Network,
    /// What stands before every name, and before none of the scenario's.
    prefix: String,
}

/// What stands before all of some names, and before none of those that are known: more of them are
/// known without it.
pub(in crate::marking) fn wrapper<'n>(
    names: impl Iterator<Item = &'n str> + Clone,
    is_known: impl Fn(&str) -> bool,
) -> &'n str {
    let first = names.clone().next().unwrap_or_default();
    let ends = first.match_indices('.').take(MOST_WRAPPERS);
    let ends = ends.map(|(at, _)| &first[..=at]);
    let is_common = |prefix: &&str| names.clone().all(|name| name.starts_with(prefix));
    let fitting = |prefix: &str| {
        let is_there = |name: &&str| is_known(&name[prefix.len()..]);
        names.clone().filter(is_there).count()
    };
    let mut best = ("", fitting(""));
    for prefix in ends.take_while(is_common) {
        let n = fitting(prefix);
        if n > best.1 {
            best = (prefix, n);
        }
    }
    best.0
}

impl<'a> Names<'a> {
    pub(super) fn new(network: &'a Network) -> Self {
        Self {
            network,
            prefix: String::new(),
        }
    }

    /// Takes off what stands before all names of a file, as a wrapper of the model puts it there,
    /// where more of them fit without it.
    pub(super) fn expect<'n>(&mut self, names: impl Iterator<Item = &'n str> + Clone) {
        self.prefix = wrapper(names, |name| self.named(name).is_some()).to_owned();
    }

    /// The tensor that the file means by a name.
    pub(super) fn known(&self, name: &str) -> Option<TensorId> {
        let bare = name.strip_prefix(&self.prefix).unwrap_or(name);
        self.network.find(name).or_else(|| self.named(bare))
    }

    /// The name that may have been meant by another one: of a tensor of that shape, where it is
    /// known. That is what a module makes, which is called after its own operator, `act.Relu` of
    /// `act`; or what is called nearly so; or the only tensor of that shape that its layer calls
    /// so, as `_0.bias` for `fc.bias`.
    pub(super) fn meant(&self, name: &str, shape: Option<&Shape>) -> Option<&'a str> {
        let has_it = |it: &&TensorInfo| shape.is_none_or(|shape| it.shape == *shape);
        let tensors = self.network.tensors().iter().filter(has_it);
        let names = tensors.map(|tensor| tensor.name.as_str());
        let is_within = |own: &&str| {
            let inner = own
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('.'));
            inner.is_some_and(|inner| inner.starts_with(|first: char| first.is_uppercase()))
        };
        let own = |name: &str| name.rsplit_once('.').map(|(_, own)| own.to_owned());
        let only = || {
            let is_such = |other: &&str| own(name).is_some() && own(other) == own(name);
            let mut such = names.clone().filter(is_such);
            let first = such.next().filter(|_| shape.is_some());
            first.filter(|_| such.next().is_none())
        };
        let within = names.clone().rfind(is_within);
        within
            .or_else(|| nearest(name, names.clone()))
            .or_else(only)
    }

    /// The tensor of a name, as the scenario writes it: one that begins with a digit, as in an
    /// `nn.Sequential`, follows a line there, and a layer that is the whole model has a name there.
    fn named(&self, name: &str) -> Option<TensorId> {
        let found = self.network.find(name);
        let of_number = || {
            let is_numbered = name.starts_with(|first: char| first.is_ascii_digit());
            is_numbered.then(|| self.network.find(&format!("_{name}")))?
        };
        found
            .or_else(of_number)
            .or_else(|| self.parameter_of_module(name))
            .or_else(|| self.only_parameter(name))
            .or_else(|| self.only_operator(name))
            .or_else(|| self.of_derivative(name))
            .or_else(|| self.of_letter(name))
    }

    /// The tensor whose gradient a program calls after it: `dx` and `grad_x` of `x`, and `dw` and
    /// `db` of the only weight and bias.
    fn of_derivative(&self, name: &str) -> Option<TensorId> {
        let ends = |ending| name.strip_suffix(ending);
        let of = name
            .strip_prefix("grad_")
            .or_else(|| ends("_grad").or_else(|| ends(".grad")))
            .or_else(|| name.strip_prefix("d_").or_else(|| name.strip_prefix('d')))?;
        let found = self.network.find(of);
        found.or_else(|| self.of_letter(of))
    }

    /// The tensor of a name in other letters, and the only weight and bias under the letters that
    /// programs have for them: `X` of `x`, `W` of `conv.weight`.
    fn of_letter(&self, of: &str) -> Option<TensorId> {
        let small = of.to_lowercase();
        let parameter = match &*small {
            "w" | "weight" => Some("weight"),
            "b" | "bias" => Some("bias"),
            _ => None,
        };
        let found = self.network.find(&small);
        found.or_else(|| self.only_parameter(parameter?))
    }

    /// Whether a name says that it is of a gradient: `dx` and `x.grad`, where `x` alone may stand
    /// for the values too.
    pub(super) fn says_gradient(&self, name: &str) -> bool {
        let bare = name.strip_prefix(&self.prefix).unwrap_or(name);
        let is_name = [name, bare]
            .iter()
            .any(|name| self.network.find(name).is_some());
        !is_name && self.of_derivative(bare).is_some()
    }

    /// The parameter that a layer reads under the name of another one, with which it shares it:
    /// `fc1.weight` of `fc2.weight`.
    fn parameter_of_module(&self, name: &str) -> Option<TensorId> {
        let (module, own) = name.rsplit_once('.')?;
        let layer = self.network.layer_of(self.network.find(module)?)?;
        match own {
            "weight" => layer.weight,
            "bias" => layer.bias,
            _ => None,
        }
    }

    /// The only parameter that a layer within the named module calls so: `hh.MatMul.weight` of
    /// `hh.weight`.
    fn only_parameter(&self, name: &str) -> Option<TensorId> {
        let (module, own) = name.rsplit_once('.').unwrap_or(("", name));
        let is_such = |id: &TensorId| {
            let tensor = self.network.tensor(*id);
            let (layer, named) = tensor.name.rsplit_once('.').unwrap_or_default();
            let inner = layer.strip_prefix(module).unwrap_or_default();
            let is_within = module.is_empty() || inner.starts_with('.');
            matches!(tensor.kind, Kind::Parameter(_)) && named == own && is_within
        };
        let mut such = self.network.ids().filter(is_such);
        such.next().filter(|_| such.next().is_none())
    }

    /// The layer of a module that is one operator, which exporters call after the module or after
    /// both: `act.Relu` of `act`, and `act` of `act.Relu`.
    fn only_operator(&self, name: &str) -> Option<TensorId> {
        let is_operator =
            |own: &str| own.starts_with(|first: char| first.is_uppercase()) && !own.contains('.');
        let is_layer = |id: &TensorId| matches!(self.network.tensor(*id).kind, Kind::Layer(_));
        let of_module = name.rsplit_once('.').filter(|(_, own)| is_operator(own));
        if let Some((module, _)) = of_module {
            return self.network.find(module).filter(is_layer);
        }
        let inner = |id: TensorId| {
            let own = self.network.tensor(id).name.strip_prefix(name)?;
            Some((id, own.strip_prefix('.')?))
        };
        let mut within = self.network.ids().filter(is_layer).filter_map(inner);
        let (id, own) = within.next()?;
        (is_operator(own) && within.next().is_none()).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use crate::marking::answer::Answer;
    use crate::marking::answer::testing::{network, read};

    #[test]
    fn a_gradient_may_have_the_name_that_programs_give_it() {
        let answer = |name: &str| {
            format!(
                r#"{{ "format": "backstep-answer/1", "grads": {{ "{name}": [[1, 2], [3, 4]] }} }}"#
            )
        };
        for name in [
            "pool",
            "dpool",
            "dPool",
            "d_pool",
            "grad_pool",
            "pool_grad",
            "pool.grad",
        ] {
            let (pool, problems) = read("a.json", answer(name).as_bytes());
            assert_eq!(pool.map(|numbers| numbers.len()), Some(4), "{name}");
            assert!(problems.is_empty(), "{name}: {problems:?}");
        }
        for name in ["xpool", "dpol", "pool_gradient", "d"] {
            let (pool, problems) = read("a.json", answer(name).as_bytes());
            assert_eq!((pool, problems.len()), (None, 1), "{name}");
        }
        let network = network();
        for (name, tensor) in [
            ("dw", "fc.weight"),
            ("dW", "fc.weight"),
            ("grad_bias", "fc.bias"),
            ("w", "fc.weight"),
            ("W", "fc.weight"),
            ("b", "fc.bias"),
            ("Pool", "pool"),
        ] {
            let json =
                format!(r#"{{ "format": "backstep-answer/1", "grads": {{ "{name}": 1 }} }}"#);
            let answer = Answer::read("a.json", json.as_bytes(), &network).unwrap();
            assert_eq!(answer.renamed, [(name.to_owned(), tensor.to_owned())]);
        }
    }
}
