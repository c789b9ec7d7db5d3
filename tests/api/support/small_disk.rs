//! A disk that can be filled.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use super::papers::{but, claim_of};
use super::{Filed, Town};

/// A file system of a few megabytes in memory, gone with this value.
pub struct SmallDisk {
    directory: TempDir,
}

impl SmallDisk {
    /// None where the system does not let the tests mount one, which is said; in the gate it must.
    pub fn mount(test: &str, megabytes: u32) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let options = format!("size={megabytes}m,mode=0777");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(directory.path())
            .output()
            .is_ok_and(|mount| mount.status.success());
        if mounted {
            return Some(Self { directory });
        }
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "a small disk could not be mounted");
        let _ = writeln!(std::io::stderr(), "skipped: {test} (a small disk can be mounted by root only)");
        None
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    /// Leaves no room at all.
    pub fn fill(&self) {
        let mut ballast = File::create(self.ballast()).unwrap();
        let mut block = vec![0; 1 << 20];
        while !block.is_empty() {
            if ballast.write_all(&block).is_err() {
                block.truncate(block.len() / 2);
            }
        }
    }

    /// Makes room again.
    pub fn clear(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.directory.path()).output();
    }
}

impl Town {
    /// Files until the full disk refuses it, which must not keep anybody from reading; answers what was filed.
    pub async fn files_until_the_disk_is_full(&self, disk: &SmallDisk) -> Vec<Filed> {
        let mut cases = vec![self.clerk.files(claim_of(0)).await];
        disk.fill();
        let narrative = "工资".repeat(2000);
        for serial in 1.. {
            assert!(serial < 2000, "writes are confirmed without room for them");
            let long = but(claim_of(serial), json!({"narrative": narrative}));
            let answered = self.clerk.post("/cases", long).await;
            if answered.status != 201 {
                answered.not_now();
                break;
            }
            cases.push(Filed::of(&answered));
        }
        for case in &cases {
            self.clerk.sees(case).await;
        }
        self.clerk.get("/cases").await.ok();
        self.clerk.post("/cases", but(claim_of(0), json!({"narrative": narrative}))).await.not_now();
        cases
    }

    /// Files what was refused, until it is taken.
    pub async fn files_again(&self) -> Filed {
        for _ in 0..500 {
            let answered = self.clerk.post("/cases", claim_of(999)).await;
            if answered.status == 201 {
                return Filed::of(&answered);
            }
            answered.not_now();
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the program did not go on");
    }
}
