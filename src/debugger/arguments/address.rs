//! Addresses, and what they are of: places to go, elements to look at, spots to stop at.

use super::error::{ParseError, ParseErrorKind};
use super::parameter::{Argument, ArgumentKind, MOST};
use super::part::Part;
use crate::debugger::condition;
use crate::debugger::{Position, Session, Spot};
use crate::diagnostic::nearest;
use crate::tensor::{Address, Element, TensorId};

/// The most elements of a tensor that are looked through.
pub(super) const MOST_ELEMENTS: usize = 1 << 14;

/// What an address looks like.
const LOOKS: &str = "an address looks like `pool[0,1]`";

/// Somewhere to go: `start`, `end`, a step counted from 1, a tensor or an element.
pub(in crate::debugger) const PLACE: ArgumentKind = ArgumentKind {
    usage: "PLACE",
    expected: "somewhere to go",
    hint: "an address such as `pool[0,1]`, a step, `start` or `end`",
    read: place,
    complete: |text, session| {
        let ends = ["start", "end"]
            .into_iter()
            .filter(|end| end.starts_with(text));
        let addresses = addresses(text, session);
        (
            0,
            addresses
                .chain(ends.map(str::to_owned))
                .take(MOST)
                .collect(),
        )
    },
};

/// An element that is stepped to. An element of a view is the one that it is a view of.
pub(in crate::debugger) const ELEMENT: ArgumentKind = ArgumentKind {
    usage: "ADDRESS",
    expected: "an element",
    hint: LOOKS,
    read: |part, session| {
        let Element { tensor, at } = element(part, session)?;
        let tensor = session.network().base(tensor);
        Ok(Argument::Element(Element { tensor, at }))
    },
    complete: |text, session| (0, addresses(text, session).take(MOST).collect()),
};

/// An element of any tensor, under the name that it is called by.
pub(in crate::debugger) const ADDRESS: ArgumentKind = ArgumentKind {
    usage: "ADDRESS",
    expected: "an element",
    hint: LOOKS,
    read: |part, session| element(part, session).map(Argument::Element),
    complete: |text, session| {
        (
            0,
            addresses_of(text, session, |_| true).take(MOST).collect(),
        )
    },
};

/// An element that is watched.
pub(in crate::debugger) const WATCHED: ArgumentKind = ArgumentKind {
    usage: "ADDRESS",
    expected: "an element",
    hint: "`watches` lists what is watched",
    read: ELEMENT.read,
    complete: |text, session| {
        let watched = session.watched().map(|watched| watched.address);
        (
            0,
            watched
                .filter(|address| address.starts_with(text))
                .collect(),
        )
    },
};

/// The elements at which to stop.
pub(in crate::debugger) const SPOT: ArgumentKind = ArgumentKind {
    usage: "ADDRESS",
    expected: "where to stop",
    hint: LOOKS,
    read: |part, session| spot(part, session).map(Argument::Spot),
    complete: ELEMENT.complete,
};

/// Reads a position, or an element that has no step yet.
fn place(part: Part<'_>, session: &Session) -> Result<Argument, ParseError> {
    match part.text {
        "start" => return Ok(Argument::Place(Position::Start)),
        "end" => return Ok(Argument::Place(Position::End)),
        _ => {}
    }
    if part.text.starts_with(|c: char| c.is_ascii_digit()) {
        return step(part, session).map(Argument::Place);
    }
    let (tensor, at) = address(part, session)?;
    let element = Element {
        tensor: session.network().base(tensor),
        at: at.unwrap_or(0),
    };
    match session.backprop().steps().step_of(element) {
        Some(step) => Ok(Argument::Place(Position::Step(step))),
        None if session.can_step(tensor) => Ok(Argument::Element(element)),
        None => Err(without_steps(part, tensor, session)),
    }
}

fn step(part: Part<'_>, session: &Session) -> Result<Position, ParseError> {
    let n_steps = session.n_steps();
    match part.text.parse::<usize>() {
        Ok(step) if (1..=n_steps).contains(&step) => Ok(Position::Step(step - 1)),
        Ok(step) => Err(part.error(ParseErrorKind::NoSuchStep { step, n_steps })),
        Err(_) => Err(part.error(ParseErrorKind::NoPlace {
            text: part.text.to_owned(),
        })),
    }
}

fn spot(part: Part<'_>, session: &Session) -> Result<Spot, ParseError> {
    if part.text.contains(['<', '>', '=']) || condition::parse(part.text).is_ok() {
        let condition = part.text.to_owned();
        return Err(part.error(ParseErrorKind::ConditionWithoutIf { condition }));
    }
    let (tensor, at) = address(part, session)?;
    let base = session.network().base(tensor);
    if !session.can_step(tensor) {
        return Err(without_steps(part, tensor, session));
    }
    Ok(at.map_or(Spot::Tensor(base), |at| {
        Spot::Element(Element { tensor: base, at })
    }))
}

fn without_steps(part: Part<'_>, tensor: TensorId, session: &Session) -> ParseError {
    part.error(ParseErrorKind::NoSteps {
        name: session.network().tensor(tensor).name.clone(),
        is_given: session.backprop().reaches(tensor),
    })
}

/// Reads the address of one element, under the name that it is called by.
pub(super) fn element(part: Part<'_>, session: &Session) -> Result<Element, ParseError> {
    let (tensor, at) = address(part, session)?;
    let n_elements = session.network().tensor(tensor).shape.numel();
    match at.or_else(|| (n_elements == 1).then_some(0)) {
        Some(at) => Ok(Element { tensor, at }),
        None => {
            let first = session.network().address(Element { tensor, at: 0 });
            let name = part.text.to_owned();
            Err(part.error(ParseErrorKind::SeveralElements {
                name,
                n_elements,
                first,
            }))
        }
    }
}

/// Reads an address: its tensor, and the row-major place of the element where it names one.
pub(super) fn address(
    part: Part<'_>,
    session: &Session,
) -> Result<(TensorId, Option<usize>), ParseError> {
    let address: Address = part
        .text
        .parse()
        .map_err(|error: crate::tensor::AddressError| {
            let (_, wrong) = part.apart(error.at.min(part.text.len()));
            wrong.error(ParseErrorKind::Address(error.kind))
        })?;
    let network = session.network();
    let (name, index) = part.apart(address.tensor.len());
    let Some(tensor) = network.find(&address.tensor) else {
        let names = network.tensors().iter().map(|tensor| tensor.name.as_str());
        return Err(name.error(ParseErrorKind::UnknownTensor {
            name: name.text.to_owned(),
            meant: nearest(name.text, names).map(str::to_owned),
        }));
    };
    let Some(place) = address.index else {
        return Ok((tensor, None));
    };
    let shape = &network.tensor(tensor).shape;
    match shape.place(&place) {
        Some(at) => Ok((tensor, Some(at))),
        None => Err(index.error(ParseErrorKind::OutOfShape {
            name: address.tensor,
            shape: shape.clone(),
        })),
    }
}

/// The names of the tensors that make steps and begin like this.
pub(super) fn names<'a>(text: &'a str, session: &'a Session) -> impl Iterator<Item = String> + 'a {
    names_of(text, session, |tensor| session.can_step(tensor))
}

/// The names of the tensors that make steps, and once a tensor is named its elements.
fn addresses<'a>(text: &'a str, session: &'a Session) -> impl Iterator<Item = String> + 'a {
    addresses_of(text, session, |tensor| session.can_step(tensor))
}

fn names_of<'a>(
    text: &'a str,
    session: &'a Session,
    is_meant: impl Fn(TensorId) -> bool + 'a,
) -> impl Iterator<Item = String> + 'a {
    let network = session.network();
    let names = network
        .ids()
        .filter(move |&id| is_meant(id))
        .map(|id| &network.tensor(id).name);
    names.filter(move |name| name.starts_with(text)).cloned()
}

pub(super) fn addresses_of<'a>(
    text: &'a str,
    session: &'a Session,
    is_meant: impl Fn(TensorId) -> bool + Copy + 'a,
) -> impl Iterator<Item = String> + 'a {
    let network = session.network();
    let name = text.split('[').next().unwrap_or(text);
    let named = network.find(name).filter(|&id| is_meant(id));
    let elements = named.into_iter().flat_map(move |tensor| {
        let n_elements = network.tensor(tensor).shape.numel().min(MOST_ELEMENTS);
        (0..n_elements).map(move |at| network.address(Element { tensor, at }).to_string())
    });
    // The name of a scalar is its address.
    let elements =
        elements.filter(move |address| address.starts_with(text) && address.contains('['));
    names_of(text, session, is_meant).chain(elements)
}
