//! The `backstep` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    backstep::main()
}
