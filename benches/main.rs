//! The project's measurements: `cargo bench` takes all of them and prints one table in Markdown,
//! `cargo bench -- check export` those that are named.

mod backprop;
mod check;
mod common;
mod contributions;
#[cfg(unix)]
mod debugger;
mod export;
mod generate;
mod limit;
mod networks;

use std::env;
use std::error::Error;

use mimalloc::MiMalloc;

/// The program's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let named: Vec<String> = env::args()
        .skip(1)
        .filter(|name| !name.starts_with('-'))
        .collect();
    println!("| work | backstep | PyTorch | ratio |");
    println!("| --- | --- | --- | --- |");
    let is_wanted = |name: &str| named.is_empty() || named.iter().any(|wanted| wanted == name);
    if is_wanted("backprop") {
        backprop::run();
    }
    if is_wanted("check") {
        check::run();
    }
    if is_wanted("contributions") {
        contributions::run();
    }
    #[cfg(unix)]
    if is_wanted("debugger") {
        debugger::run()?;
    }
    if is_wanted("export") {
        export::run();
    }
    if is_wanted("limit") {
        limit::run();
    }
    if is_wanted("generate") {
        generate::run();
    }
    Ok(())
}
