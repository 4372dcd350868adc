//! The `backstep` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Keeps freed memory for the next tensors: to get it from the system anew, page by page, takes as
/// long as a good part of the arithmetic.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    backstep::main()
}
