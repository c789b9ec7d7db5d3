//! What processes use, as Linux counts it: processor time is the steadiest figure on a machine with other work.

use std::fs;
use std::time::Duration;

/// A process of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process(pub u32);

/// The fields after the name in `/proc/PID/stat`, counted from the state.
struct Stat {
    parent: u32,
    /// Clock ticks of the process itself, and of its children that have ended.
    own: u64,
    ended_children: u64,
}

impl Process {
    /// This process.
    pub fn own() -> Self {
        Self(std::process::id())
    }

    fn stat(self) -> Option<Stat> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?;
        // The name stands in parentheses and may hold anything, so the fields begin after the last one.
        let (_, fields) = text.rsplit_once(") ")?;
        let field = |place: usize| fields.split(' ').nth(place)?.parse::<u64>().ok();
        Some(Stat {
            parent: u32::try_from(field(1)?).ok()?,
            own: field(11)? + field(12)?,
            ended_children: field(13)? + field(14)?,
        })
    }

    /// Processor time since its start; none where the system does not tell.
    pub fn processor_time(self) -> Option<Duration> {
        Some(ticks(self.stat()?.own))
    }

    /// The process that started it.
    pub fn parent(self) -> Option<Self> {
        Some(Self(self.stat()?.parent))
    }

    /// What the program is called.
    pub fn name(self) -> Option<String> {
        Some(fs::read_to_string(format!("/proc/{}/comm", self.0)).ok()?.trim().to_owned())
    }

    /// Processor time of the process and of every child, those that have ended among them.
    pub fn processor_time_of_family(self) -> Option<Duration> {
        let stat = self.stat()?;
        let children: u64 = others()
            .filter_map(|other| other.stat())
            .filter(|other| other.parent == self.0)
            .map(|other| other.own)
            .sum();
        Some(ticks(stat.own + stat.ended_children + children))
    }

    /// Memory that the process holds now, and the most that it has held, in bytes.
    pub fn memory(self) -> Option<(u64, u64)> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0)).ok()?;
        let kilobytes = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
        };
        Some((kilobytes("VmRSS:")? * 1024, kilobytes("VmHWM:")? * 1024))
    }
}

fn others() -> impl Iterator<Item = Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(Process(entry.file_name().to_str()?.parse().ok()?)))
}

fn ticks(count: u64) -> Duration {
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    Duration::from_millis(count * 1000 / per_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_is_found_with_its_parent_and_its_use() {
        let own = Process::own();
        assert!(
            own.processor_time().is_some() && own.memory().is_some_and(|(now, most)| 0 < now && now <= most)
        );
        let parent = own.parent().unwrap();
        assert!(parent.name().is_some_and(|name| !name.is_empty()));
        assert!(parent.processor_time_of_family() >= own.processor_time());
    }
}
