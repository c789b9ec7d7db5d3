//! The README's commands, pasted as a new user would: every answer that it shows is the real one.

use std::process::{Command, Output, Stdio};

use crate::support::{Installation, Process};

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
    let installation = Installation::new();
    let demonstration = installation.start(&["demo"]);
    let walked = paste("A walk", |shell| shell.env("URL", demonstration.url()));
    assert_eq!(String::from_utf8_lossy(&walked.stdout), blocks("A walk", "text"));
    assert_eq!(String::from_utf8_lossy(&walked.stderr), "");
}

#[test]
fn an_office_begins_as_the_readme_says() {
    if !can_paste("an_office_begins_as_the_readme_says") {
        return;
    }
    let installation = Installation::new();
    let directory = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_daowei"), directory.path().join("daowei")).unwrap();
    let mut path = vec![directory.path().to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let begun = paste("Running it for an office", |shell| {
        installation
            .environment(shell)
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
    let mut serve = Command::new(env!("CARGO_BIN_EXE_daowei"));
    let data = directory.path().join("daowei-data");
    installation.environment(serve.args(["serve", "--listen=127.0.0.1:0", "--data"]).arg(data));
    let server = Process::start(&mut serve);
    assert!(server.url().starts_with("http://127.0.0.1:"), "{}", server.url());
}
