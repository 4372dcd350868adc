//! What the commands that ask about pairs, edit and save are about: how it is read, and what there
//! is.

use super::language::{Complaint, Part, number, one_neuron};
use super::{Argument, Edit, Session};
use crate::tape::Kind;
use crate::tensor::{Element, TensorId, parse_finite};

/// What stands after a neuron whose given gradient is meant.
const GRADIENT: &str = ".grad";
/// The word that stands for a setting's default.
const DEFAULT: &str = "default";

/// Reads two neurons with `from` between them.
pub(super) fn pair(part: Part<'_>, session: &Session) -> Result<Argument, Complaint> {
    let form = Some("as in `whynot x[0,0] from pool[0,1]`".to_owned());
    let (first, rest) = part.split();
    if first.text.is_empty() {
        return first.complain("expected a neuron", form);
    }
    let element = one_neuron(first, session)?;
    let (from, downstream) = rest.split();
    if from.text != "from" {
        return from.complain("expected `from`", form);
    }
    if downstream.text.is_empty() {
        return downstream.complain("expected the neuron that might send it something", form);
    }
    Ok(Argument::Pair(element, one_neuron(downstream, session)?))
}

/// Reads what is to be another, and what it is to be.
pub(super) fn edit(part: Part<'_>, session: &Session) -> Result<Argument, Complaint> {
    let form = Some("as in `set x[0,1] 7`, `set fc[0].grad 2` or `set pool.stride 1`".to_owned());
    let (what, value) = part.split();
    if what.text.is_empty() {
        return what.complain("expected what to set", form);
    }
    if value.text.is_empty() {
        return value.complain(format!("expected a value for `{}`", what.text), form);
    }
    if let Some((layer, key)) = setting(what.text, session) {
        let value = (value.text != DEFAULT).then(|| value.text.to_owned());
        return Ok(Argument::Edit(Edit::Setting {
            layer,
            key: key.to_owned(),
            value,
        }));
    }
    if let Some(element) = what
        .text
        .strip_suffix(GRADIENT)
        .filter(|_| session.network().find(what.text).is_none())
    {
        let element = one_neuron(
            Part {
                text: element,
                ..what
            },
            session,
        )?;
        return Ok(Argument::Edit(Edit::Upstream(
            element,
            number(value, parse_finite)?,
        )));
    }
    let element = one_neuron(what, session)?;
    let network = session.network();
    match network.tensor(element.tensor).kind {
        Kind::Input | Kind::Parameter(_) => Ok(Argument::Edit(Edit::Value(
            element,
            number(value, parse_finite)?,
        ))),
        Kind::Layer(_) => {
            let address = network.address(element);
            let hint = match session.backprop().upstream().contains_key(&element.tensor) {
                true => format!(
                    "`set {address}{GRADIENT} {}` sets the gradient that is given to it",
                    value.text
                ),
                false => "set an input, a weight or a bias that it is computed from".to_owned(),
            };
            what.complain(
                format!("`{address}` is computed, so it cannot be set"),
                Some(hint),
            )
        }
    }
}

/// Reads a file's name, which may hold blanks.
pub(super) fn file(part: Part<'_>) -> Result<Argument, Complaint> {
    match part.text {
        "" => part.complain(
            "expected a file's name",
            Some("as in `save what-if.json`".to_owned()),
        ),
        name => Ok(Argument::File(name.to_owned())),
    }
}

/// Splits `pool.stride` into a layer and a key. A name that a tensor has is the tensor's.
fn setting<'a>(text: &'a str, session: &Session) -> Option<(TensorId, &'a str)> {
    let network = session.network();
    if text.contains('[') || network.find(text).is_some() {
        return None;
    }
    let (name, key) = text.rsplit_once('.')?;
    let layer = network
        .find(name)
        .filter(|&id| network.layer_of(id).is_some())?;
    (key != &GRADIENT[1..]).then_some((layer, key))
}

/// Everything that can be set: inputs, weights and biases, the gradients that are given, and the
/// layers' settings. Tensors of many neurons come with all of them only after their own name.
pub(super) fn editable(session: &Session) -> impl Iterator<Item = String> {
    let network = session.network();
    let of_tensor = move |tensor: TensorId| {
        (0..network.tensor(tensor).shape.numel())
            .map(move |at| network.address(Element { tensor, at }).to_string())
    };
    let leaves = network
        .ids()
        .filter(|&id| network.layer_of(id).is_none())
        .flat_map(of_tensor);
    let given = session
        .backprop()
        .upstream()
        .keys()
        .copied()
        .flat_map(of_tensor)
        .map(|address| address + GRADIENT);
    let settings = network.layers().iter().flat_map(move |layer| {
        let name = &network.tensor(layer.output).name;
        session
            .scenario()
            .settings(layer.output)
            .into_iter()
            .map(move |(key, _)| format!("{name}.{key}"))
    });
    given.chain(settings).chain(leaves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::debugger::{example, parse};

    fn argument(line: &str) -> Argument {
        parse(line, &example::linear()).unwrap().argument
    }

    fn complaint(line: &str) -> (usize, usize, String) {
        let complaint = parse(line, &example::linear()).unwrap_err();
        (complaint.at.start, complaint.at.end, complaint.message)
    }

    #[test]
    fn edits_are_read() {
        let session = example::linear();
        let element = |address: &str| {
            session
                .network()
                .element(&address.parse().unwrap())
                .unwrap()
        };
        let edit = |line: &str| match argument(line) {
            Argument::Edit(edit) => edit,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            edit("set pool[0,1] 7/2"),
            Edit::Value(element("pool[0,1]"), 3.5)
        );
        assert_eq!(
            edit("set fc.weight[0,1] −1.5"),
            Edit::Value(element("fc.weight[0,1]"), -1.5)
        );
        assert_eq!(
            edit("set fc[2].grad 1e-3"),
            Edit::Upstream(element("fc[2]"), 1e-3)
        );
        let setting = |key: &str, value: Option<&str>| Edit::Setting {
            layer: session.network().find("fc").unwrap(),
            key: key.to_owned(),
            value: value.map(str::to_owned),
        };
        assert_eq!(
            edit("set fc.activation tanh"),
            setting("activation", Some("tanh"))
        );
        assert_eq!(
            edit("set fc.activation default"),
            setting("activation", None)
        );
    }

    #[test]
    fn complaints_point_at_the_word() {
        assert_eq!(complaint("set").2, "expected what to set");
        assert_eq!(
            complaint("set pool[0,1]").2,
            "expected a value for `pool[0,1]`"
        );
        assert_eq!(
            complaint("set pool[0,1] many"),
            (
                14,
                18,
                "`many` is neither a decimal nor a fraction".to_owned()
            )
        );
        assert_eq!(complaint("set pool[0,1] 1/0").0, 14);
        assert_eq!(
            complaint("set pool 7"),
            (4, 8, "`pool` has 4 neurons".to_owned())
        );
        assert_eq!(
            complaint("set fc[0] 7"),
            (4, 9, "`fc[0]` is computed, so it cannot be set".to_owned())
        );
        assert_eq!(
            complaint("set pol[0].grad 7"),
            (4, 7, "no tensor is called `pol`".to_owned())
        );
        assert_eq!(
            complaint("whynot pool[0,0] fc[0]"),
            (17, 17 + 5, "expected `from`".to_owned())
        );
        assert_eq!(complaint("whynot pool[0,9] from fc[0]").0, 11);
        assert_eq!(
            complaint("whynot pool[0,0] from fc[3]"),
            (24, 27, "`fc` has shape [3]".to_owned())
        );
        assert_eq!(complaint("save").2, "expected a file's name");
    }
}
