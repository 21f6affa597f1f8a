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
