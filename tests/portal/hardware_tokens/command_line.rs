use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use vestibule::config::Config;

use crate::support::template;

const KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// A folder with keys, sample people and a configuration.
fn prepared() -> TempDir {
    let dir = TempDir::new().expect("a temporary folder");
    let listen = "127.0.0.1:0".parse().expect("an address");
    template::copy_to(&Config::demo_on(listen, dir.path(), 0));
    let folder = dir.path().display();
    let lines = [
        "listen = \"127.0.0.1:1\"".to_owned(),
        "public_url = \"https://login.example.org\"".into(),
        "behind_proxy = true".into(),
        "trusted_proxies = [\"127.0.0.0/8\"]".into(),
        format!("key_file = \"{folder}/keys.toml\""),
        format!("database.url = \"sqlite:{folder}/vestibule.db\""),
        "smtp.host = \"127.0.0.1\"".into(),
        "smtp.port = 25".into(),
        "smtp.tls = \"none\"".into(),
        "smtp.from_address = \"portal@login.example.org\"".into(),
    ];
    fs::write(dir.path().join("vestibule.toml"), lines.join("\n")).expect("the configuration is written");
    dir
}

fn import(dir: &Path, text: &str, more: &[&str]) -> Output {
    let file = dir.join("tokens.csv");
    fs::write(&file, text).expect("the file is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VESTIBULE_")) {
        command.env_remove(name);
    }
    command.arg("import-tokens").arg("--config").arg(dir.join("vestibule.toml"));
    command.args(["--organization", "harbor valley health"]).args(more).arg(file);
    command.output().expect("the program starts")
}

#[test]
fn tokens_are_imported_from_the_command_line() {
    let dir = prepared();
    let head = "upn,serial number,secret key,time interval,manufacturer,model";
    let wrong = format!("{head}\n,C1,{KEY},31,a,b\nnobody,C2,{KEY},30,a,b\n");
    let output = import(dir.path(), &wrong, &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("row 2: The time interval must be 30 or 60."), "{said}");
    assert!(said.contains("row 3: No user of this organization"), "{said}");
    assert!(said.contains("nothing was saved") && !said.contains(KEY), "{said}");
    let right = format!("{head}\n,C1,{KEY},30,a,b\nmember.none,C2,{KEY},30,a,b\n");
    for (more, words) in
        [(&["--dry-run"][..], "2 tokens can be imported, 1 of them assigned."), (&[], "2 tokens were imported")]
    {
        let output = import(dir.path(), &right, more);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains(words), "{said}");
    }
    let again = import(dir.path(), &right, &[]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("row 2: A token with this serial number"));
}
