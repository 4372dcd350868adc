//! A web site of scenarios: what is written, and all of it in a browser.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

use backstep::gallery;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::cli::{Folder, has, product};

const RIGHT: &str = "\u{e014}";

fn address(folder: &Folder, page: &str) -> String {
    format!("file://{}", folder.path(page).display())
}

/// The names in a folder within the folder, sorted.
fn names(folder: &Folder, name: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.path(name)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn the_gallery_is_a_site_of_the_same_bytes_each_time() {
    let folder = Folder::new();
    folder.fine("site -o one");
    folder.fine("site -o two");
    let mut expected: Vec<String> = gallery::ALL
        .iter()
        .map(|item| format!("{}.html", item.name))
        .collect();
    expected.push("index.html".to_owned());
    expected.sort();
    assert_eq!(names(&folder, "one"), expected);
    for name in &expected {
        let [one, two] = ["one", "two"].map(|site| folder.read(&format!("{site}/{name}")));
        assert!(one == two, "{name}");
    }
    // Nothing is overwritten, and nothing is written beside what is there.
    fs::remove_file(folder.path("two/xor.html")).unwrap();
    has(
        &folder.refused("site -o two"),
        &["exists already", "--force"],
    );
    assert_eq!(names(&folder, "two").len(), expected.len() - 1);
    folder.fine("site -o two --force the-question");
    assert!(folder.read("two/index.html") != folder.read("one/index.html"));
}

#[test]
fn own_scenarios_have_pages_under_their_own_names() {
    let net = r#"{ "backstep": 1, "title": "own & odd", "description": "first line\nsecond",
        "inputs": { "x": [1, -2] }, "layers": [{ "name": "y", "op": "relu" }, { "name": "s", "op": "sum" }] }"#;
    let folder = Folder::with(&[("my net#1.json", net), ("Index.json", net), ("xor", net)]);
    let mut command = folder.command("site -o out ties xor");
    let ran = command.arg("my net#1.json").output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(
        names(&folder, "out"),
        ["index.html", "my net#1.html", "ties.html", "xor.html"]
    );
    let index = folder.read("out/index.html");
    has(
        &index,
        &[
            "<a href=\"my%20net%231.html\">own &#38; odd</a>",
            "<p>first line.</p>",
        ],
    );
    // A file wins over the gallery's scenario of the same name.
    assert_eq!(index.matches("own &#38; odd</a></h3>").count(), 2);
    has(
        &folder.refused("site -o two Index.json"),
        &["`Index.html`", "the index", "another name"],
    );
    has(&folder.refused("site -o two ties ties"), &["`ties.html`"]);
    has(
        &folder.refused("site -o two ties nothing.json"),
        &["nothing.json"],
    );
    assert!(!folder.path("two").exists());
}

#[test]
fn what_is_too_large_for_a_page_is_named_and_left_out() {
    let folder = Folder::with(&[("large.json", &product(60)), ("larger.json", &product(70))]);
    let ran = folder.run("site -o out large.json the-question larger.json");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    has(
        &ran.err,
        &["`large` is left out", "`larger` is left out", "200000"],
    );
    assert_eq!(names(&folder, "out"), ["index.html", "the-question.html"]);
    has(
        &folder.refused("site -o none large.json"),
        &["`large`", "200000"],
    );
    assert!(!folder.path("none").exists());
}

/// What is wrong with a page, as the browser has it.
const FAULTS: &str = r"
    const faults = [];
    const check = (is_right, what) => is_right || faults.push(what);
    const root = document.documentElement;
    check(root.lang === 'en' && document.title !== '', 'no language or title');
    check(document.querySelectorAll('h1').length === 1, 'not one h1');
    check(document.querySelector('main') && document.querySelector('header'), 'no landmarks');
    check(root.scrollWidth <= root.clientWidth, 'it scrolls sideways');
    check(performance.getEntriesByType('resource').length === 0, 'a request');
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    check(new Set(ids).size === ids.length, 'an id twice');
    for (const label of document.querySelectorAll('[aria-labelledby]'))
      check(document.getElementById(label.getAttribute('aria-labelledby')), 'a label that is not there');
    for (const button of document.querySelectorAll('button, input, a, nav, svg:not([aria-hidden])'))
      check(button.ariaLabel || button.textContent.trim() || button.labels?.length, 'no name: ' + button.outerHTML);
    for (const link of document.querySelectorAll('a'))
      check(link.tabIndex >= 0, 'a link without the keyboard');
    return faults;";

/// The links of a page.
fn links(browser: &Browser) -> Vec<String> {
    let links = browser.script(
        "return [...document.querySelectorAll('a')].map((link) => link.getAttribute('href'))",
    );
    serde_json::from_value(links).unwrap()
}

#[test]
fn every_page_of_the_site_works_in_a_browser() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let folder = Folder::new();
    folder.fine("site -o site");
    let pages = names(&folder, "site");
    browser.resize(400, 800);
    let mut ids = serde_json::Map::new();
    let mut all_links = Vec::new();
    for page in &pages {
        browser.visit(&address(&folder, &format!("site/{page}")));
        assert_eq!(browser.script(FAULTS), json!([]), "{page}");
        if page != "index.html" {
            let before = browser.text("#neuron b");
            browser.press(RIGHT);
            assert!(browser.text("#neuron b") != before, "{page}");
            assert_eq!(
                browser.script("return location.hash.slice(0, 7)"),
                json!("#step=2")
            );
        }
        let known = "return [...document.querySelectorAll('[id]')].map((element) => element.id)";
        ids.insert(page.clone(), browser.script(known));
        all_links.extend(links(&browser).into_iter().map(|link| (page.clone(), link)));
    }
    // Every link leads to a page that is there, and to a part or a step of it.
    assert!(all_links.len() > 3 * pages.len());
    let mut steps = Vec::new();
    for (page, link) in &all_links {
        let (file, part) = link.split_once('#').unwrap_or((link, ""));
        let file = if file.is_empty() { page } else { file };
        let known = ids.get(file).unwrap_or_else(|| panic!("{link} in {page}"));
        match part.strip_prefix("step=") {
            Some(_) if page == "index.html" => steps.push(link.clone()),
            Some(_) => assert_eq!(file, page),
            None if part.is_empty() => {}
            None => assert!(
                known.as_array().unwrap().contains(&json!(part)),
                "{link} in {page}"
            ),
        }
    }
    // Each term of the glossary has a step that shows it.
    browser.visit(&address(&folder, "site/index.html"));
    let without = "return [...document.querySelectorAll('#glossary dl > div')]\
                   .filter((term) => !term.querySelector('.example a')).map((term) => term.id)";
    assert_eq!(browser.script(without), json!([]));
    steps.sort();
    steps.dedup();
    assert!(steps.len() > 10, "{steps:?}");
    for link in steps {
        browser.visit("about:blank");
        browser.visit(&address(&folder, &format!("site/{link}")));
        let number = link.split(['=', '&']).nth(1).unwrap();
        let place = browser.text("#place");
        assert!(
            place.starts_with(&format!("step {number} of ")),
            "{link}: {place}"
        );
    }
    assert_eq!(browser.complaints(), json!([]));
}

#[test]
fn an_address_opens_a_page_at_a_step() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let folder = Folder::new();
    folder.fine("site -o site the-question");
    for (hash, place) in [
        ("#step=3", "pool[1,0]"),
        ("#step=pool[1,0]", "pool[1,0]"),
        ("#step=pool%5B1,%200%5D", "pool[1,0]"),
        // A view's neurons are those of what it shows, and a tensor begins with its first.
        ("#step=flat[3]", "pool[1,1]"),
        ("#step=x", "x[0,0]"),
        ("#step=99", "x[3,3]"),
        // What is not there.
        ("#step=pool[2,0]", "pool[0,0]"),
        ("#step=pool[1]", "pool[0,0]"),
        ("#step=fc[0]", "pool[0,0]"),
        ("#step=toString", "pool[0,0]"),
        ("#step=%E0%A4%A", "pool[0,0]"),
        ("#step=", "pool[0,0]"),
        ("#nothing", "pool[0,0]"),
    ] {
        browser.visit("about:blank");
        browser.visit(&address(&folder, &format!("site/the-question.html{hash}")));
        let shown = browser.text("#neuron b");
        if place == "x[3,3]" {
            assert!(
                browser.text("#place").starts_with("step 35 of 35"),
                "{hash}"
            );
        } else {
            assert_eq!(shown, place, "{hash}");
        }
    }
    browser.press(RIGHT);
    let link = "return document.getElementById('link').getAttribute('href')";
    assert_eq!(browser.script(link), json!("#step=2"));
    assert_eq!(browser.script("return location.hash"), json!("#step=2"));
    browser.script("location.hash = '#step=pool[1,1]'");
    assert_eq!(browser.text("#neuron b"), "pool[1,1]");
    assert_eq!(browser.complaints(), json!([]));
}

#[test]
fn dark_and_light_are_chosen_on_any_page_and_remembered() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let folder = Folder::new();
    folder.fine("site -o site the-question ties");
    let from_host = host(folder.path("site"));
    let ground = "return getComputedStyle(document.body).backgroundColor";
    let name = || browser.text("#theme");
    browser.visit(&format!("{from_host}/index.html"));
    // The system's, as long as nobody has chosen.
    let light = browser.script(ground);
    assert_eq!(
        (name(), &light),
        ("Dark".to_owned(), &json!("rgb(255, 255, 255)"))
    );
    browser.click("#theme");
    let dark = browser.script(ground);
    assert_eq!(
        (name(), &dark),
        ("Light".to_owned(), &json!("rgb(15, 19, 24)"))
    );
    // All pages are in it, and the index again, with its glossary.
    for page in [
        "the-question.html",
        "ties.html#step=3",
        "index.html#glossary",
    ] {
        browser.visit(&format!("{from_host}/{page}"));
        assert_eq!(
            (name(), browser.script(ground)),
            ("Light".to_owned(), dark.clone()),
            "{page}"
        );
    }
    browser.visit(&format!("{from_host}/ties.html"));
    browser.script("document.getElementById('theme').focus()");
    browser.press("\u{e007}");
    browser.visit(&format!("{from_host}/index.html"));
    assert_eq!((name(), browser.script(ground)), ("Dark".to_owned(), light));
    assert_eq!(browser.complaints(), json!([]));
}

#[test]
fn a_site_without_memory_has_the_button_too() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let forbid = "Object.defineProperty(window, 'localStorage', { get() { throw new \
                  Error('forbidden'); } })";
    let script = json!({ "source": forbid });
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", script);
    let folder = Folder::new();
    folder.fine("site -o site the-question");
    for page in ["index.html", "the-question.html"] {
        browser.visit(&address(&folder, &format!("site/{page}")));
        browser.click("#theme");
        assert_eq!(browser.text("#theme"), "Light", "{page}");
    }
    assert_eq!(browser.complaints(), json!([]));
}

/// Serves a folder as any static host does, until the test is over.
fn host(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let folder = folder.clone();
            thread::spawn(move || answer(&stream.unwrap(), &folder));
        }
    });
    address
}

fn answer(mut stream: &TcpStream, folder: &Path) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let Some(asked) = lines.next() else { return };
    lines.find(String::is_empty);
    let path = asked.split(' ').nth(1).unwrap().trim_start_matches('/');
    let (code, body) = match fs::read(folder.join(path)) {
        Ok(bytes) => ("200 OK", bytes),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let head = format!(
        "HTTP/1.1 {code}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&body);
}

#[test]
fn course_notes_embed_pages() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let folder = Folder::new();
    folder.fine("site -o site the-question xor");
    // What a notebook does: the page is written into the frame.
    let inside = folder
        .read("site/the-question.html")
        .replace('&', "&amp;")
        .replace('"', "&quot;");
    let notes = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>Notes</title><link rel=\"icon\" href=\"data:,\">
         <iframe title=\"a step\" src=\"the-question.html#step=3\" width=\"700\" height=\"700\"></iframe>
         <iframe title=\"an update\" src=\"xor.html#step=y[2,0]&update=200\" width=\"380\" height=\"700\"></iframe>
         <iframe title=\"a notebook\" srcdoc=\"{inside}\" width=\"700\" height=\"700\"></iframe>"
    );
    fs::write(folder.path("site/notes.html"), notes).unwrap();
    let from_host = host(folder.path("site"));
    for notes in [
        address(&folder, "site/notes.html"),
        format!("{from_host}/notes.html"),
    ] {
        browser.visit(&notes);
        let next = |frame: usize, before: &str, after: &str| {
            browser.enter(Some(frame));
            assert_eq!(browser.text("#neuron b"), before, "{notes}");
            browser.click("#next");
            assert_eq!(browser.text("#neuron b"), after, "{notes}");
            let (hash, wide) = (
                browser.script("return location.hash"),
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
            );
            assert_eq!(browser.script(wide), json!(0), "{notes}");
            let title =
                browser.script("return document.getElementById('training-title')?.textContent");
            browser.enter(None);
            (hash, title)
        };
        assert_eq!(
            next(0, "pool[1,0]", "pool[1,1]"),
            (json!("#step=4"), Value::Null)
        );
        let (hash, title) = next(1, "y[2,0]", "y[3,0]");
        assert_eq!(hash, json!("#step=4&update=200"));
        has(title.as_str().unwrap(), &["update 200 of 200, loss 0.0"]);
        next(2, "pool[0,0]", "pool[0,1]");
        assert_eq!(browser.complaints(), json!([]), "{notes}");
    }
}
