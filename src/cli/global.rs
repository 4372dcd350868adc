//! The options of every command.

use clap::{Args, ValueEnum};

use crate::cancel::Cancel;
use crate::ops::Ties;
use crate::scenario::Options;
use crate::tensor::{Arithmetic, Precision, parse_finite};

/// What holds for every command.
#[derive(Debug, Clone, Args)]
pub(super) struct Global {
    /// When to use colour; NO_COLOR is obeyed too.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN",
        help_heading = "Everywhere")]
    pub(super) color: Color,
    /// Say only what was asked for: no remarks on stderr.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(super) quiet: bool,
    /// Break ties in max pooling by this rule, whatever the scenario says.
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "RULE",
        help_heading = "Everywhere"
    )]
    pub(super) ties: Option<TieRule>,
    /// Round every value and gradient to this format, whatever the scenario says.
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        help_heading = "Everywhere"
    )]
    pub(super) precision: Option<Format>,
    /// Multiply every given upstream gradient by this, whatever the scenario says.
    #[arg(long, global = true, value_name = "NUMBER", value_parser = loss_scale,
        help_heading = "Everywhere")]
    pub(super) loss_scale: Option<f64>,
    /// How many elements all tensors of a scenario may have together.
    #[arg(long, global = true, value_name = "N", default_value_t = Options::default().max_elements,
        help_heading = "Everywhere")]
    pub(super) max_elements: usize,
    /// What a signal cancels.
    #[arg(skip)]
    pub(super) cancel: Cancel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum TieRule {
    /// The first in row-major order takes it all.
    First,
    /// Each an even share.
    Split,
    /// Each all of it.
    All,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// 64 bits, in which everything is computed.
    F64,
    /// 32 bits.
    F32,
    /// bfloat16.
    Bf16,
    /// Half precision.
    F16,
}

fn loss_scale(text: &str) -> Result<f64, String> {
    match parse_finite(text) {
        Ok(number) if Arithmetic::is_loss_scale(number) => Ok(number),
        _ => Err("it must be a number above 0".to_owned()),
    }
}

impl Global {
    pub(super) fn options(&self) -> Options {
        let ties = self.ties.map(|rule| match rule {
            TieRule::First => Ties::First,
            TieRule::Split => Ties::Split,
            TieRule::All => Ties::All,
        });
        Options {
            max_elements: self.max_elements,
            ties,
            precision: self.precision.map(|format| match format {
                Format::F64 => Precision::F64,
                Format::F32 => Precision::F32,
                Format::Bf16 => Precision::Bf16,
                Format::F16 => Precision::F16,
            }),
            loss_scale: self.loss_scale,
        }
    }

    /// Whether a stream is to be written in colour.
    pub(super) fn choice(&self) -> anstream::ColorChoice {
        match self.color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
    }
}
