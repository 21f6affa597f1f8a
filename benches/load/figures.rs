//! What is measured: times, the bare rate of argon2, memory.

use std::fmt;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use vestibule::domain::password::Hasher;
use vestibule::secrets::Secret;

use super::Failure;

#[derive(Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, one: Duration) {
        self.0.push(one);
    }

    pub fn join(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    pub fn many(&self) -> usize {
        self.0.len()
    }

    /// The time in milliseconds that this share of them did not exceed; 0 without any.
    pub fn at(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort();
        let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
        sorted[(last as f64 * share).round() as usize].as_secs_f64() * 1000.0
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p50 {:.1}, p99 {:.1}, longest {:.1}", self.at(0.5), self.at(0.99), self.at(1.0))
    }
}

/// What hashing alone costs.
#[derive(Clone, Copy)]
pub struct Bare {
    pub per_second: f64,
    /// Of processor time, which other programs on the machine do not change much.
    pub milliseconds: f64,
}

/// Hashes with nothing around them, on as many threads as the server hashes on.
pub async fn bare(long: Duration) -> Result<Bare, Failure> {
    let hasher = Hasher::start()?;
    let password = Secret::new("a password of some length".to_owned());
    let threads = std::thread::available_parallelism()?.get();
    let (begun, used) = (Instant::now(), processor_time("self")?);
    // Two callers per thread, so that none waits for the next job.
    let callers = (0..threads * 2).map(|_| async {
        let mut hashes = 0_u32;
        while begun.elapsed() < long {
            hasher.hash_patiently(&password).await?;
            hashes += 1;
        }
        Ok::<_, Failure>(hashes)
    });
    let hashes: Result<Vec<u32>, _> = join_all(callers).await.into_iter().collect();
    let hashes = f64::from(hashes?.into_iter().sum::<u32>());
    let milliseconds = (processor_time("self")? - used) * 1000.0 / hashes;
    Ok(Bare { per_second: hashes / begun.elapsed().as_secs_f64(), milliseconds })
}

/// Seconds of processor time that a process has had (proc_pid_stat(5)).
pub fn processor_time(pid: &str) -> Result<f64, Failure> {
    /// Linux counts in hundredths of a second there, on every machine this runs on.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold spaces; utime and stime are the 12th and 13th field behind it.
    let behind = stat.rsplit_once(')').ok_or("no such line")?.1;
    let ticks: Result<Vec<f64>, _> = behind.split_whitespace().skip(11).take(2).map(str::parse).collect();
    Ok(ticks?.into_iter().sum::<f64>() / TICKS)
}

/// MiB of a process that lie in memory now, and that did at the most.
pub fn memory(pid: u32) -> Result<(f64, f64), Failure> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let mebibytes = |name: &str| -> Result<f64, Failure> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    };
    Ok((mebibytes("VmRSS:")?, mebibytes("VmHWM:")?))
}
