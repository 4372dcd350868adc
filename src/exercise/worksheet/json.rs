//! The worksheet as an answer file in which every gradient is still `null`.

use std::fmt::Display;
use std::io::{self, Write};

use super::Worksheet;
use crate::json::rows;
use crate::marking::ANSWER_FORMAT;
use crate::scenario::Asked;
use crate::tape::{Network, TensorInfo};
use crate::tensor::{Address, Element};

/// Writes the answer file.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(worksheet: &Worksheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    let student = serde_json::to_string(&worksheet.student)?;
    write!(
        out,
        "{{\n  \"format\": \"{ANSWER_FORMAT}\",\n  \"student\": {student},\n  \
         \"scenario_sha256\": \"{}\",\n  \"grads\": {{",
        worksheet.scenario.sha256()
    )?;
    let blank = |_| "null".to_owned();
    write_gradients(&worksheet.asked, worksheet.network(), &blank, out)?;
    out.write_all(b"\n  }\n}\n")
}

/// Writes the gradients that are asked for as members of an object: those of a whole tensor under
/// its name, and others each under the name of its neuron.
///
/// # Errors
/// Those of `out`.
pub(in crate::exercise) fn write_gradients(
    asked: &Asked,
    network: &Network,
    gradient: &dyn Fn(Element) -> String,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut comma = "";
    let mut member = |name: &dyn Display, value: String| {
        let before = std::mem::replace(&mut comma, ",");
        write!(out, "{before}\n    \"{name}\": {value}")
    };
    for &id in asked.tensors() {
        let TensorInfo { name, shape, .. } = network.tensor(id);
        let gradient = |at: usize| gradient(Element { tensor: id, at });
        match asked.part(id) {
            None => member(name, rows(shape, 4, &gradient))?,
            Some(places) => places
                .iter()
                .try_for_each(|&at| member(&Address::of(name, shape, at), gradient(at)))?,
        }
    }
    Ok(())
}
