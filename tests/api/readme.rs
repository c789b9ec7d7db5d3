//! The README's walk, pasted as a new user would: every answer that it shows is the real one.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// The demonstration, ended with the test.
struct Demonstration(Child);

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(data: &std::path::Path) -> (Demonstration, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_daowei"))
        .args(["demo", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    (Demonstration(child), ready["url"].as_str().unwrap().to_owned())
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// The fenced blocks of one language, in order, between two headings.
fn blocks(readme: &str, language: &str) -> String {
    let walk = readme.split("\n## ").find(|section| section.starts_with("A walk")).unwrap();
    walk.split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix(&format!("{language}\n")))
        .collect()
}

#[test]
fn the_walk_of_the_readme_answers_what_it_says() {
    if !is_there("bash") || !is_there("curl") {
        println!("skipped: the_walk_of_the_readme_answers_what_it_says (bash or curl is absent)");
        return;
    }
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let data = tempfile::tempdir().unwrap();
    let (_demonstration, url) = start(data.path());
    let walked = Command::new("bash").args(["-c", &blocks(&readme, "bash")]).env("URL", url).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&walked.stdout), blocks(&readme, "text"));
    assert_eq!(String::from_utf8_lossy(&walked.stderr), "");
}
