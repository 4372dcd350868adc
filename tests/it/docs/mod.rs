//! README.md and the chapters in `docs/` show what the program does.
//!
//! A page is gone through from top to bottom, in a folder of its own. A block with `title=NAME` in
//! its first line is a file of that folder. A `console` block holds commands behind `$ `, each
//! followed by what it says; with `exit=N` the last one ends with that code, with `screen=WxH` the
//! one command draws a screen of that size, after the keys of `keys=Down,Enter` where there are
//! any, and with `screen=opens` they open one each. What stands between `<!-- table: NAME -->` and
//! `<!-- end -->` is made from the code. `BLESS=1 cargo test docs` writes outputs and tables anew.
#![cfg(unix)]

mod names;
mod page;
mod run;
mod tables;

use std::fs;

use page::Page;
use run::Folder;

macro_rules! pages {
    ($($test:ident: $page:literal),+ $(,)?) => {
        const PAGES: &[&str] = &[$($page),+];
        $(#[test] fn $test() { show_what_the_program_does($page); })+
    };
}

pages! {
    the_readme: "README.md",
    the_contents: "docs/README.md",
    the_question: "docs/the-question.md",
    the_screen: "docs/screen.md",
    the_panels: "docs/panels.md",
    why: "docs/why.md",
    breakpoints: "docs/breakpoints.md",
    the_scenario: "docs/scenario.md",
    training: "docs/training.md",
    your_gradients: "docs/your-gradients.md",
    health: "docs/health.md",
    the_lesson: "docs/lesson.md",
    homework: "docs/homework.md",
    the_exercise: "docs/exercise.md",
    graders: "docs/graders.md",
    the_export: "docs/export.md",
    from_python: "docs/python.md",
    the_import: "docs/import.md",
    the_command_line: "docs/command-line.md",
    the_library: "docs/library.md",
    numbers: "docs/numbers.md",
}

/// Makes a page's tables and runs its commands, and compares both with what the page shows.
#[track_caller]
fn show_what_the_program_does(name: &str) {
    let page = Page::read(name);
    let Some(mut folder) = Folder::of(&page) else {
        return;
    };
    let mut parts = tables::all(&page);
    for block in page.blocks() {
        parts.extend(folder.take(&page, &block));
    }
    if is_made_anew() {
        return page.rewrite(parts);
    }
    for (range, made) in parts {
        let (line, shown) = (page.line(range.start), &page.text[range]);
        assert!(
            shown == made,
            "{name}:{line} shows\n{shown}\nand this is\n{made}"
        );
    }
}

/// Whether the documentation is to be written anew, instead of being compared.
fn is_made_anew() -> bool {
    std::env::var_os("BLESS").is_some()
}

#[test]
fn every_page_is_in_the_contents_and_is_run() {
    let folder = format!("{}/docs", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let chapters = tables::chapters();
    for file in files.filter(|file| file.ends_with(".md")) {
        assert!(PAGES.contains(&&*format!("docs/{file}")), "{file}");
        let is_listed = chapters.iter().any(|(_, chapter)| *chapter == file);
        assert!(is_listed || file == "README.md", "{file}");
    }
}
