//! `daowei import`, through the program itself.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};

use crate::demo::Demonstration;
use crate::support::Installation;

/// Made up; the header is a real office's, and the answers came within 3 and 31 days.
const TABLE: &str = "\
留言编号,留言用户,留言主题,留言时间,留言详情,答复意见,答复时间
T-1,甲0001,路灯不亮,2019/4/24 23:30,\"村口路灯不亮，
夜里看不见路。\",已修好三盏路灯。,2019-04-27 00:10:00
T-2,乙0002,公交改线,2019/5/1 8:05,建议延长运营时间。,已纳入研究。,2019-06-01T09:00:00+08:00
T-3,甲0001,路灯又不亮,2019/9/1 9:00,修好的路灯又不亮了。,,
T-4,丙0003,日期不对,2019/13/1 9:00,月份没有十三。,,
T-5,丁0004,先答后问,2019/5/1 9:00,答复早于来信。,早有答复。,2019/4/1 9:00
T-6,,,2019/5/1 9:00,没有主题。,,
T-1,甲0001,编号重复,2019/5/1 9:00,编号已经用过。,,
T-7,戊0005,没有时间的答复,2019/5/1 9:00,有答复。,没有时间。,
";

const MAPPED: [&str; 7] = [
    "--map=source_no=留言编号",
    "--map=petitioner_ref=留言用户",
    "--map=subject=留言主题",
    "--map=filed_at=留言时间",
    "--map=narrative=留言详情",
    "--map=reply=答复意见",
    "--map=replied_at=答复时间",
];

/// An installation with one petition department and one administrator.
fn office() -> Installation {
    let office = Installation::new();
    let place = ["--region=330102000000", "--region-name=上城区"];
    let add = [&["user", "add", "--username=admin", "--role=system_administrator"][..], &place].concat();
    assert!(office.daowei(&add).output().unwrap().status.success());
    office
}

fn written(office: &Installation, name: &str, table: impl AsRef<[u8]>) -> PathBuf {
    let path = office.data().join(name);
    std::fs::write(&path, table).unwrap();
    path
}

fn import(office: &Installation, table: &Path, flags: &[&str]) -> Output {
    let standing = ["import", table.to_str().unwrap(), "--as=petitions", "--json", "--log=warn"];
    office.daowei(&[&standing[..], flags].concat()).output().unwrap()
}

#[track_caller]
fn summary(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let line = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(line.lines().count(), 1, "{line}");
    serde_json::from_str(&line).unwrap()
}

#[test]
fn rows_become_cases_once_and_refused_lines_are_told() {
    let office = office();
    let table = written(&office, "table.csv", TABLE);
    let figures = json!({
        "read": 8, "imported": 3, "already_there": 0, "refused": 5,
        "replied_within": {"15": 1, "60": 2, "90": 2}, "median_days": 17, "longest_days": 31,
    });
    let dry = import(&office, &table, &[&MAPPED[..], &["--dry-run"]].concat());
    assert_eq!(summary(&dry), figures);
    assert_eq!(office.audit().case_count, 0, "a dry run keeps nothing");

    let first = import(&office, &table, &MAPPED);
    assert_eq!(summary(&first), figures);
    let told = String::from_utf8(first.stderr).unwrap();
    assert_eq!(told.as_bytes(), dry.stderr);
    let expected = [
        // The row before spans two lines of the file.
        (6, "filed_at: its 14 characters are not a time"),
        (7, "replied_at is before filed_at"),
        (8, "subject must not be blank"),
        (9, "source_no stands on line 2 already"),
        (10, "reply is there without replied_at"),
    ];
    assert_eq!(told.lines().count(), expected.len(), "{told}");
    for (told, (line, reason)) in told.lines().zip(expected) {
        assert!(told.starts_with(&format!("line {line}: {reason}")), "{told}");
    }

    let second = summary(&import(&office, &table, &MAPPED));
    assert_eq!((&second["imported"], &second["already_there"]), (&json!(0), &json!(3)));
    assert_eq!(second["longest_days"], 31);
    let audited = office.audit();
    assert_eq!((audited.case_count, audited.differing), (3, Vec::new()));
}

#[test]
fn a_table_in_gb18030_or_without_its_columns() {
    let office = office();
    let (mut bytes, _, _) = encoding_rs::GB18030.encode(TABLE);
    bytes.to_mut().extend_from_slice(b"T-8,\xff\xff\xff,x,2019/5/1 9:00,x,,\n");
    let table = written(&office, "table.csv", &bytes);
    let wrong = import(&office, &table, &MAPPED);
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("--encoding"), "no advice");
    let right = import(&office, &table, &[&MAPPED[..], &["--encoding=gb18030"]].concat());
    assert_eq!(summary(&right)["imported"], 3);
    let told = String::from_utf8(right.stderr).unwrap();
    assert!(told.contains("line 11: petitioner_ref is not"), "{told}");

    let unmapped = import(&office, &table, &["--encoding=gb18030"]);
    let told = String::from_utf8(unmapped.stderr).unwrap();
    assert!(told.contains("source_no") && told.contains("留言编号") && told.contains("--map"), "{told}");

    let text = "村口路灯不亮，夜里看不见路，孩子上学摔了跤。";
    let shifted =
        written(&office, "shifted.csv", format!("{TABLE}{text},x,x,{text},{text},,\n{text},,,,,,\n"));
    let faults = String::from_utf8(import(&office, &shifted, &MAPPED).stderr).unwrap();
    let headless = written(&office, "headless.csv", format!("T-1,x,x,2019/5/1 9:00,{text},,\n"));
    let missing = String::from_utf8(import(&office, &headless, &[]).stderr).unwrap();
    assert!(
        faults.contains("line 11: filed_at: its 22") && missing.contains("(22 characters)"),
        "{faults}{missing}"
    );
    assert!(!faults.contains("路灯") && !missing.contains("路灯"), "{faults}{missing}");

    let nowhere = Installation::new();
    assert!(!import(&nowhere, &table, &MAPPED).status.success());
}

#[tokio::test]
async fn an_import_beside_a_running_server_is_seen_at_once() {
    let office = Installation::new();
    let demonstration = Demonstration::start(&office);
    let table = written(&office, "table.csv", TABLE);
    let flags = [&MAPPED[..], &["--organisation=望山区信访局", "--region=990122100201"]].concat();
    assert_eq!(summary(&import(&office, &table, &flags))["imported"], 3);

    let clerk = demonstration.caller("petition.county2").await;
    let listed = clerk.get("/cases?filed_to=2020-01-01&sort=filed_at").await.ok().body;
    let path = |place: usize| format!("/cases/{}", listed["items"][place]["id"].as_str().unwrap());
    let answered = clerk.get(&path(0)).await.ok().body;
    assert_eq!((&answered["status"], &answered["filed_on"]), (&json!("delivered"), &json!("2019-04-24")));
    assert_eq!(answered["accepted_on"], "2019-04-24");
    assert_eq!(answered["earlier_reply"]["replied_on"], "2019-04-27");
    assert_eq!(answered["source_no"], "T-1");
    assert!(answered["deadlines"].as_array().unwrap().iter().all(|deadline| deadline["state"] == "met"));
    let open = clerk.get(&path(2)).await.ok().body;
    assert_eq!(open["status"], "registered");
    assert_eq!(open["possible_repeats"][0]["case_no"], answered["case_no"], "the same person's");
    let running = open["deadlines"].as_array().unwrap().iter().any(|deadline| deadline["state"] == "running");
    assert!(running, "{}", open["deadlines"]);
}

#[test]
fn real_petitions_import_gives_the_known_figures() {
    let table = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/petitions_replied.csv"));
    if !table.exists() {
        println!("skipped: real_petitions_import_gives_the_known_figures (../shared/data is absent)");
        return;
    }
    let office = office();
    let figures = summary(&import(&office, table, &[]));
    let known = json!({
        "read": 1701, "imported": 1701, "already_there": 0, "refused": 0,
        "replied_within": {"15": 1066, "60": 1604, "90": 1647}, "median_days": 11, "longest_days": 1161,
    });
    assert_eq!(figures, known);
    let again = summary(&import(&office, table, &[]));
    assert_eq!((&again["imported"], &again["already_there"]), (&json!(0), &json!(1701)));
    let audited = office.audit();
    assert_eq!((audited.case_count, audited.differing), (1701, Vec::new()));
}
