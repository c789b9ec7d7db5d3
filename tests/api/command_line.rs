//! The program itself: the first administrator, the keys, and a server that starts and stops.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::support::Caller;

fn daowei(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daowei"));
    command
        .args(arguments)
        .arg("--data")
        .arg(data)
        .env_remove("DAOWEI_KEY")
        .env_remove("DAOWEI_TOKEN_SECRET");
    command
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn the_first_administrator_makes_the_keys_without_which_nothing_starts() {
    let data = tempfile::tempdir().unwrap();
    let refused = daowei(data.path(), &["serve", "--listen=127.0.0.1:0"]).output().unwrap();
    assert!(!refused.status.success());
    assert!(
        told(&refused).contains("DAOWEI_KEY") && told(&refused).contains("daowei user add"),
        "{}",
        told(&refused)
    );

    let add = ["user", "add", "--username=admin", "--role=system_administrator"];
    let refused = daowei(data.path(), &add).output().unwrap();
    assert!(told(&refused).contains("--region"), "{}", told(&refused));
    let place = ["--region=330102000000", "--region-name=上城区"];
    let added = daowei(data.path(), &[&add[..], &place].concat()).output().unwrap();
    assert!(added.status.success(), "{}", told(&added));
    for file in ["keys/sealing.key", "keys/token.key", "daowei.db"] {
        let mode = std::fs::metadata(data.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} is open to others");
    }
    let again = daowei(data.path(), &add).output().unwrap();
    assert!(told(&again).contains("already a user"), "{}", told(&again));

    let printed = String::from_utf8(added.stdout).unwrap();
    let password = printed.lines().find_map(|line| line.strip_prefix("password: ")).unwrap().to_owned();
    let mut server = daowei(data.path(), &["serve", "--listen=127.0.0.1:0", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let url = ready["url"].as_str().unwrap().to_owned();
    let administrator = Caller::new(reqwest::Client::new(), url).signed_in("admin", &password).await;
    assert_eq!(administrator.get("/me").await.ok().body["role"], json!("system_administrator"));
    let asked = Command::new("kill").arg("-TERM").arg(server.id().to_string()).status().unwrap();
    assert!(asked.success());
    assert!(server.wait().unwrap().success(), "the server did not end in order");
}

#[test]
fn every_setting_has_a_name_in_the_environment_and_faults_come_together() {
    let data = tempfile::tempdir().unwrap();
    let help =
        daowei(data.path(), &["serve", "--help"]).env("DATABASE_URL", "sqlite:secret").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for name in [
        "DAOWEI_LISTEN",
        "DAOWEI_DATA",
        "DATABASE_URL",
        "DAOWEI_LOG_FORMAT",
        "DAOWEI_TIME_ZONE",
        "DAOWEI_KEY",
    ] {
        assert!(help.contains(name), "{name} is missing from\n{help}");
    }
    assert!(!help.contains("sqlite:secret"), "the help tells a secret");
    let refused =
        daowei(data.path(), &["serve", "--listen=here"]).env("DAOWEI_TIME_ZONE", "Mars").output().unwrap();
    assert!(
        told(&refused).contains("listen:") && told(&refused).contains("time_zone:"),
        "{}",
        told(&refused)
    );
}
