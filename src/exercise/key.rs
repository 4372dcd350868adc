//! The key of an exercise: the gradients that are asked for, where it comes from, and what its
//! numbers do not tell apart.

use std::io::{self, Write};

use serde_json::Value;

use super::generator::Exercise;
use super::worksheet::write_gradients;
use crate::marking::KEY_FORMAT;
use crate::tensor::exact;

/// Where an exercise comes from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The name of the template, or the title of the scenario that it is like.
    pub template: &'a str,
    /// The level of the template.
    pub level: Option<u8>,
    /// The name of the assignment.
    pub assignment: &'a str,
    /// Whose exercise it is, where it is for one student alone.
    pub student: Option<&'a str>,
}

impl Exercise {
    /// Writes the key, which `check` marks as a correct answer.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_key(&self, origin: Origin<'_>, out: &mut dyn Write) -> io::Result<()> {
        let text = |text: Option<&str>| Value::from(text).to_string();
        writeln!(
            out,
            "{{\n  \"format\": \"{KEY_FORMAT}\",\n  \"template\": {},",
            text(Some(origin.template))
        )?;
        writeln!(
            out,
            "  \"level\": {},\n  \"assignment\": {},",
            Value::from(origin.level),
            text(Some(origin.assignment))
        )?;
        writeln!(
            out,
            "  \"student\": {},\n  \"scenario_sha256\": \"{}\",",
            text(origin.student),
            self.scenario.sha256()
        )?;
        write!(out, "  \"grads\": {{")?;
        let asked = super::asked(&self.scenario, &self.backprop);
        let right = |element| exact(self.backprop.element(element));
        write_gradients(&asked, &self.scenario.network, &right, out)?;
        write!(out, "\n  }},\n  \"inseparable\": [")?;
        for (number, one) in self.inseparable.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            let slips: Vec<String> = one.slips.iter().map(|id| text(Some(id))).collect();
            let (tensor, why) = (text(Some(&one.tensor)), text(Some(one.why())));
            write!(
                out,
                "{comma}\n    {{ \"tensor\": {tensor}, \"slips\": [{}], \"why\": {why} }}",
                slips.join(", ")
            )?;
        }
        let end = if self.inseparable.is_empty() {
            ""
        } else {
            "\n  "
        };
        writeln!(out, "{end}]\n}}")
    }
}
