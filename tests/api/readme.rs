//! The README's commands, pasted as a new user would: every answer that it shows is the real one.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A server, ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it with the data and waits until it answers; also tells where.
fn start(command: &str, data: &Path) -> (Server, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_daowei"))
        .args([command, "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    (Server(child), ready["url"].as_str().unwrap().to_owned())
}

/// Whether the test can paste; where the gate runs, it must.
fn can_paste(test: &str) -> bool {
    let is_there = |program: &&str| {
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    let can = ["bash", "curl"].iter().all(is_there);
    if !can {
        println!("skipped: {test} (bash or curl is absent)");
    }
    assert!(can || std::env::var("CI").as_deref() != Ok("true"), "bash or curl is absent");
    can
}

/// The fenced blocks of one language, in order, below a heading.
fn blocks(heading: &str, language: &str) -> String {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let section = readme.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    section
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix(&format!("{language}\n")))
        .collect()
}

fn paste(heading: &str, set_up: impl FnOnce(&mut Command) -> &mut Command) -> Output {
    let mut shell = Command::new("bash");
    set_up(shell.args(["-c", &blocks(heading, "bash")])).output().unwrap()
}

#[test]
fn the_walk_of_the_readme_answers_what_it_says() {
    if !can_paste("the_walk_of_the_readme_answers_what_it_says") {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let (_demonstration, url) = start("demo", data.path());
    let walked = paste("A walk", |shell| shell.env("URL", url));
    assert_eq!(String::from_utf8_lossy(&walked.stdout), blocks("A walk", "text"));
    assert_eq!(String::from_utf8_lossy(&walked.stderr), "");
}

#[test]
fn an_office_begins_as_the_readme_says() {
    if !can_paste("an_office_begins_as_the_readme_says") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_daowei"), directory.path().join("daowei")).unwrap();
    let mut path = vec![directory.path().to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let begun = paste("Running it for an office", |shell| {
        for given in ["DAOWEI_DATA", "DAOWEI_KEY", "DAOWEI_TOKEN_SECRET", "DATABASE_URL"] {
            shell.env_remove(given);
        }
        shell
            .current_dir(&directory)
            .env("PATH", std::env::join_paths(path).unwrap())
            .env("DAOWEI_LOG", "warn")
    });
    let told = String::from_utf8_lossy(&begun.stdout);
    // The passwords are made up each time, so the README does not show them.
    let told = told.lines().map(|line| if line.starts_with("password: ") { "password: …" } else { line });
    let expected = blocks("Running it for an office", "text");
    assert_eq!(
        told.collect::<Vec<_>>(),
        expected.lines().collect::<Vec<_>>(),
        "{}",
        String::from_utf8_lossy(&begun.stderr)
    );
    assert!(begun.status.success());
    let (_server, url) = start("serve", &directory.path().join("daowei-data"));
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
}
