//! Drives a server: in a closed loop to find how much it takes, in an open loop to find how long it lets people wait.
//!
//! In the open loop requests arrive at random (Poisson) at a given rate whatever the server does, and each is timed from
//! the moment at which it was to be sent: a server that stalls is charged for everybody who would have come meanwhile.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use hdrhistogram::Histogram;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use super::chance::Chance;
use super::client::{Call, Connection};
use super::stopwatch::Stopwatch;

/// Makes the request of each number.
pub type Work = Arc<dyn Fn(u64) -> anyhow::Result<Call> + Send + Sync>;

/// The longest time that is told apart; what takes longer counts as this.
const LONGEST: Duration = Duration::from_secs(120);

/// What came of a load.
pub struct Outcome {
    pub elapsed: Duration,
    /// Answers that were no refusals.
    pub answered: u64,
    pub failed: u64,
    /// What the first failure was.
    pub first_failure: Option<String>,
    /// Times to the answers, in microseconds.
    pub times: Histogram<u64>,
}

impl Outcome {
    fn empty() -> anyhow::Result<Self> {
        let times = Histogram::new_with_max(microseconds(LONGEST), 3)?;
        Ok(Self { elapsed: Duration::ZERO, answered: 0, failed: 0, first_failure: None, times })
    }

    fn note(&mut self, answer: anyhow::Result<()>, time: Duration) {
        match answer {
            Ok(()) => {
                self.answered += 1;
                self.times.saturating_record(microseconds(time));
            }
            Err(error) => {
                self.failed += 1;
                self.first_failure.get_or_insert_with(|| format!("{error:#}"));
            }
        }
    }

    fn join(&mut self, other: &Self) -> anyhow::Result<()> {
        self.answered += other.answered;
        self.failed += other.failed;
        if self.first_failure.is_none() {
            self.first_failure.clone_from(&other.first_failure);
        }
        Ok(self.times.add(&other.times)?)
    }

    /// Answers a second.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    pub fn per_second(&self) -> f64 {
        self.answered as f64 / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }

    /// The time within which that share of the answers came.
    pub fn within(&self, share: f64) -> Duration {
        Duration::from_micros(self.times.value_at_quantile(share))
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Every client sends its next request as soon as the last one is answered.
///
/// # Errors
/// The server cannot be reached at the start.
pub fn closed_loop(
    address: SocketAddr,
    clients: usize,
    lasting: Duration,
    work: &Work,
) -> anyhow::Result<Outcome> {
    run(async {
        let watch = Stopwatch::start();
        let mut running = JoinSet::new();
        for client in 0..clients {
            let (work, step) = (Arc::clone(work), u64::try_from(clients)?);
            let mut number = u64::try_from(client)?;
            let mut sender = Sender::open(address).await?;
            running.spawn(async move {
                let mut outcome = Outcome::empty()?;
                while watch.elapsed() < lasting {
                    let sent = watch.elapsed();
                    let answer = sender.send(&work, number).await;
                    outcome.note(answer, watch.elapsed().saturating_sub(sent));
                    number += step;
                }
                Ok(outcome)
            });
        }
        gather(running, watch).await
    })
}

/// One client asks a number of times, or until the time is over.
///
/// # Errors
/// The server cannot be reached at the start.
pub fn one_by_one(
    address: SocketAddr,
    most: usize,
    longest: Duration,
    work: &Work,
) -> anyhow::Result<Outcome> {
    run(async {
        let mut sender = Sender::open(address).await?;
        let mut outcome = Outcome::empty()?;
        let watch = Stopwatch::start();
        for number in 0..u64::try_from(most)? {
            let sent = watch.elapsed();
            if sent > longest {
                break;
            }
            let answer = sender.send(work, number).await;
            outcome.note(answer, watch.elapsed().saturating_sub(sent));
        }
        outcome.elapsed = watch.elapsed();
        Ok(outcome)
    })
}

/// Requests arrive at the rate, whatever becomes of those before them.
///
/// # Errors
/// The server cannot be reached at the start.
pub fn open_loop(
    address: SocketAddr,
    connections: usize,
    rate: f64,
    lasting: Duration,
    work: &Work,
) -> anyhow::Result<Outcome> {
    let arrivals = arrivals(rate, lasting, 7);
    run(async {
        let (due, queue) = mpsc::unbounded_channel::<(u64, Duration)>();
        let queue = Arc::new(Mutex::new(queue));
        let mut senders = Vec::new();
        for _ in 0..connections {
            senders.push(Sender::open(address).await?);
        }
        let watch = Stopwatch::start();
        let mut running = JoinSet::new();
        for mut sender in senders {
            let (work, queue) = (Arc::clone(work), Arc::clone(&queue));
            running.spawn(async move {
                let mut outcome = Outcome::empty()?;
                loop {
                    let next = queue.lock().await.recv().await;
                    let Some((number, meant)) = next else { return Ok(outcome) };
                    let answer = sender.send(&work, number).await;
                    outcome.note(answer, watch.elapsed().saturating_sub(meant));
                }
            });
        }
        // A thread of its own: the runtime's timers are too coarse for thousands of requests a second.
        let pacing = std::thread::spawn(move || pace(&arrivals, watch, &due));
        let outcome = gather(running, watch).await;
        pacing.join().map_err(|_panicked| anyhow::anyhow!("the pacing panicked"))?;
        outcome
    })
}

fn pace(arrivals: &[Duration], watch: Stopwatch, due: &mpsc::UnboundedSender<(u64, Duration)>) {
    for (meant, number) in arrivals.iter().zip(0..) {
        watch.sleep_until(*meant);
        if due.send((number, *meant)).is_err() {
            return;
        }
    }
}

/// When requests arrive: at random, independently of each other, at the rate on average.
pub fn arrivals(rate: f64, lasting: Duration, seed: u64) -> Vec<Duration> {
    let mut chance = Chance::of(seed, 0);
    let mut at = 0.0;
    let gaps = std::iter::repeat_with(|| {
        at -= (1.0 - chance.unit()).ln() / rate.max(f64::EPSILON);
        at
    });
    gaps.take_while(|at| *at < lasting.as_secs_f64()).map(Duration::from_secs_f64).collect()
}

fn run<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    // One thread: what the generator takes, the server does not have.
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

async fn gather(mut running: JoinSet<anyhow::Result<Outcome>>, watch: Stopwatch) -> anyhow::Result<Outcome> {
    let mut whole = Outcome::empty()?;
    while let Some(done) = running.join_next().await {
        whole.join(&done.context("a client panicked")??)?;
    }
    whole.elapsed = watch.elapsed();
    Ok(whole)
}

/// A connection that is made anew where it broke.
struct Sender {
    address: SocketAddr,
    connection: Option<Connection>,
}

impl Sender {
    async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self { address, connection: Some(Connection::open(address).await?) })
    }

    async fn send(&mut self, work: &Work, number: u64) -> anyhow::Result<()> {
        let call = work(number)?;
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(self.address).await?,
        };
        let (status, body) = connection.send(call).await?;
        self.connection = Some(connection);
        anyhow::ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_arrive_at_random_and_at_the_rate() {
        let arrivals = arrivals(1000.0, Duration::from_secs(20), 1);
        assert!(arrivals.is_sorted());
        assert!((19_000..21_000).contains(&arrivals.len()), "{} arrivals", arrivals.len());
        let gaps: Vec<_> = arrivals.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let long = gaps.iter().filter(|gap| **gap > Duration::from_millis(3)).count();
        // Of gaps that are random, one in e³ is longer than three times the mean; of even ones none.
        assert!(long * 15 < gaps.len() && long * 25 > gaps.len(), "{long} of {}", gaps.len());
    }
}
