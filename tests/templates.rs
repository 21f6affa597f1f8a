//! Templates must work under a strict content security policy: no inline style, handler or script,
//! no data: URI, and nothing that switches escaping off. E-mails are exempt from the first.

use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Whether an attribute such as `onclick=` starts after white space.
fn has_handler(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        word.strip_prefix("on")
            .and_then(|rest| rest.split_once('='))
            .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()))
    })
}

/// ASVS 1.2.1, 3.2.2.
#[test]
fn templates_hold_nothing_a_strict_policy_blocks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("templates"), &mut found);
    files(&root.join("static/icons"), &mut found);
    let pages = found.iter().filter(|path| !path.starts_with(root.join("templates/messages")));
    for path in pages {
        let text = fs::read_to_string(path).unwrap().to_lowercase();
        let compact = text.replace("| safe", "|safe").replace(['\n', '\t'], " ");
        for wrong in [" style=", "<style", "\"data:", "'data:", "(data:", "|safe", "javascript:", "autoescape"] {
            assert!(!compact.contains(wrong), "{} holds {wrong}", path.display());
        }
        assert!(!has_handler(&text), "{} holds an on…= handler", path.display());
        assert!(!text.replace("<script src=", "").contains("<script"), "{} holds a script", path.display());
    }
    assert!(found.len() > 40, "templates were found");
}

#[test]
fn every_post_form_carries_the_token() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut found = Vec::new();
    files(&root, &mut found);
    for path in found.iter().filter(|path| !path.starts_with(root.join("messages"))) {
        let text = fs::read_to_string(path).unwrap();
        for form in text.split("<form ").skip(1).filter_map(|form| form.split("</form>").next()) {
            let head = form.split_once('>').map_or(form, |(head, _)| head);
            let carries = form.contains("csrf(frame)") || form.contains("name=\"csrf\"");
            assert!(
                !head.contains("method=\"post\"") || carries,
                "a form without the token in {}: {head}",
                path.display()
            );
        }
    }
}

/// What the scripts may ask of the page, by name: nothing that an element with a name of its own could
/// stand for.
const ASKED: [&str; 8] = [
    "document.getElementById",
    "document.querySelector",
    "document.documentElement",
    "document.addEventListener",
    "window.matchMedia",
    "window.SwaggerUIBundle",
    "window.print",
    "navigator.clipboard",
];

/// ASVS 3.2.2, 3.2.3, 14.3.3: text goes into pages as text, no element that somebody names stands for a variable,
/// and nothing is kept in the browser.
#[test]
fn scripts_write_text_and_keep_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("static/js"), &mut found);
    assert!(found.len() >= 2, "scripts were found");
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for wrong in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "setAttribute('on",
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "caches.",
            "document.cookie",
            "postMessage",
            "importScripts",
        ] {
            assert!(!code.contains(wrong), "{} has {wrong}", path.display());
        }
        assert!(code.contains("'use strict'"), "{}", path.display());
        for object in ["document.", "window.", "navigator."] {
            for (at, _) in code.match_indices(object) {
                let asked = &code[at..];
                assert!(ASKED.iter().any(|name| asked.starts_with(name)), "{}: {:.40}", path.display(), asked);
            }
        }
    }
}

/// What no page shows is not sent with the program.
#[test]
fn every_icon_and_every_token_of_the_looks_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |folder: &str| {
        let mut found = Vec::new();
        files(&root.join(folder), &mut found);
        found.iter().map(|path| fs::read_to_string(path).unwrap()).collect::<String>()
    };
    let (templates, styles) = (read("templates"), read("static/css"));
    let mut icons = Vec::new();
    files(&root.join("static/icons"), &mut icons);
    for icon in icons.iter().filter(|path| path.extension().is_some_and(|e| e == "svg")) {
        let name = icon.file_name().unwrap().to_str().unwrap();
        assert!(templates.contains(&format!("{{% include \"icons/{name}\" %}}")), "no page shows {name}");
    }
    let tokens = fs::read_to_string(root.join("static/css/tokens.css")).unwrap();
    for token in tokens.split([';', '{', '/']).filter_map(|part| part.trim().split_once(':')).map(|(name, _)| name) {
        if token.starts_with("--") {
            assert!(styles.contains(&format!("var({token})")), "no rule takes {token}");
        }
    }
}
