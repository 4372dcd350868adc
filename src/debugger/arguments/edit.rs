//! What is to be another, and what it is to be.

use super::address::{MOST_ELEMENTS, element};
use super::count::number;
use super::error::{ParseError, ParseErrorKind};
use super::parameter::{Argument, ArgumentKind, MOST};
use super::part::Part;
use crate::debugger::{Session, Target};
use crate::optim::RULES;
use crate::scenario::Edit;
use crate::tape::Kind;
use crate::tensor::{Arithmetic, Element, Precision, TensorId, exact, parse_finite};

/// What stands after an element whose given gradient is meant.
const GRADIENT: &str = ".grad";
/// The word that stands for a setting's default.
const DEFAULT: &str = "default";
/// What the number format of the run is called, and what every gradient is multiplied by.
const PRECISION: &str = "precision";
const LOSS_SCALE: &str = "loss_scale";

/// An input, a weight, a given gradient or a setting, and what it is to be.
pub(in crate::debugger) const EDIT: ArgumentKind = ArgumentKind {
    usage: "WHAT VALUE",
    expected: "what to set",
    hint: "as in `set x[0,1] 7`, `set fc[0].grad 2`, `set pool.stride 1` or `set precision f16`",
    read: |part, session| edit(part, session).map(Argument::Edit),
    complete: |text, session| (0, editable(text, session).take(MOST).collect()),
};

fn edit(part: Part<'_>, session: &Session) -> Result<Edit, ParseError> {
    let (what, value) = part.split();
    if value.text.is_empty() {
        let of = what.text.to_owned();
        return Err(value.error(ParseErrorKind::NoValue {
            of,
            hint: EDIT.hint,
        }));
    }
    if let Some(edit) = arithmetic(what, value, session) {
        return edit;
    }
    if let Some(of_training) = of_training(what, value, session) {
        return Err(of_training);
    }
    if let Some((layer, key)) = setting(what.text, session) {
        let value = (value.text != DEFAULT).then(|| plain(value.text));
        let key = key.to_owned();
        return Ok(Edit::Setting { layer, key, value });
    }
    let target = target(what, session, &|target| {
        format!("set {target} {}", value.text)
    })?;
    Ok(target.edit(number(value, parse_finite)?))
}

/// A number that goes up and down.
pub(in crate::debugger) const TARGET: ArgumentKind = ArgumentKind {
    usage: "ADDRESS",
    expected: "what to scrub",
    hint: "as in `scrub x[0,1]`, `scrub fc.weight[0,0] by 0.01` or `scrub fc[0].grad`",
    read: |part, session| {
        let target = target(part, session, &|target| format!("scrub {target}"))?;
        Ok(Argument::Target(target))
    },
    complete: |text, session| {
        let all = editable(text, session).filter(|name| name.contains('['));
        (0, all.take(MOST).collect())
    },
};

/// Reads a number that can be another. `instead` is the command for the gradient that is given to
/// what is computed.
fn target(
    what: Part<'_>,
    session: &Session,
    instead: &dyn Fn(&str) -> String,
) -> Result<Target, ParseError> {
    let network = session.network();
    let named = what.text.strip_suffix(GRADIENT);
    if let Some(text) = named.filter(|_| network.find(what.text).is_none()) {
        return element(Part { text, ..what }, session).map(Target::Upstream);
    }
    let element = element(what, session)?;
    match network.tensor(element.tensor).kind {
        Kind::Input | Kind::Parameter(_) => Ok(Target::Value(element)),
        Kind::Layer(_) | Kind::PreActivation(_) | Kind::Updated(_) => {
            let is_given = session.backprop().upstream().contains_key(&element.tensor);
            Err(what.error(ParseErrorKind::Computed {
                element: network.address(element),
                instead: is_given.then(|| instead(&format!("{}{GRADIENT}", what.text))),
            }))
        }
    }
}

/// Reads `precision f16` and `loss_scale 1024`. A name that a tensor has is the tensor's.
fn arithmetic(
    what: Part<'_>,
    value: Part<'_>,
    session: &Session,
) -> Option<Result<Edit, ParseError>> {
    let is_free = session.network().find(what.text).is_none();
    let refused = || value.error(ParseErrorKind::Arithmetic);
    let is_default = value.text == DEFAULT;
    match what.text {
        PRECISION if is_free => {
            let format = match is_default {
                true => Some(Precision::default()),
                false => Precision::find(value.text),
            };
            Some(format.ok_or_else(refused).map(Edit::Precision))
        }
        LOSS_SCALE if is_free => {
            let number = match is_default {
                true => Ok(Arithmetic::default().loss_scale),
                false => number(value, parse_finite),
            };
            Some(number.and_then(|loss_scale| {
                let may_be = Arithmetic::is_loss_scale(loss_scale);
                may_be
                    .then_some(Edit::LossScale(loss_scale))
                    .ok_or_else(refused)
            }))
        }
        _ => None,
    }
}

/// Refuses a setting of an optimizer, such as `lr` or `train.momentum`. A name that a tensor has
/// is the tensor's.
fn of_training(what: Part<'_>, value: Part<'_>, session: &Session) -> Option<ParseError> {
    let key = what.text.strip_prefix("train.").unwrap_or(what.text);
    let mut settings = RULES.iter().flat_map(|(_, settings)| *settings);
    let is_known = settings.any(|setting| setting.key == key) || key == "steps";
    if !is_known || session.network().find(what.text).is_some() {
        return None;
    }
    let n_updates = session.update().map_or(10, |(_, n_updates)| n_updates);
    Some(what.error(ParseErrorKind::OfTraining {
        key: key.to_owned(),
        instead: (key == "lr").then(|| format!("learn {n_updates} at {}", value.text)),
    }))
}

/// A number as a file has it, however it is typed; any other text as it is.
fn plain(text: &str) -> String {
    match parse_finite(text) {
        Ok(number) if text.parse::<f64>().is_err() => exact(number),
        _ => text.to_owned(),
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

/// Everything that can be set and begins like a text: the gradients that are given, the layers'
/// settings, inputs, weights and biases.
fn editable<'a>(text: &'a str, session: &'a Session) -> impl Iterator<Item = String> + 'a {
    let network = session.network();
    let elements = move |tensor: TensorId| {
        let info = network.tensor(tensor);
        let is_near = info.name.starts_with(text) || text.starts_with(&info.name);
        let n_elements = if is_near { info.shape.numel() } else { 0 };
        (0..n_elements.min(MOST_ELEMENTS))
            .map(move |at| network.address(Element { tensor, at }).to_string())
    };
    let leaves = network.ids().filter(|&id| network.layer_of(id).is_none());
    let given = session.backprop().upstream().keys().copied();
    let given = given.flat_map(elements).map(|address| address + GRADIENT);
    let settings = network.layers().iter().flat_map(move |layer| {
        let name = &network.tensor(layer.output).name;
        let settings = session.scenario().settings(layer.output).into_iter();
        settings.map(move |(key, _)| format!("{name}.{key}"))
    });
    let formats = Precision::ALL
        .into_iter()
        .map(|format| format!("{PRECISION} {}", format.name()));
    let arithmetic = formats.chain([LOSS_SCALE.to_owned()]);
    let all = given
        .chain(settings)
        .chain(leaves.flat_map(elements))
        .chain(arithmetic);
    all.filter(move |target| target.starts_with(text))
}
