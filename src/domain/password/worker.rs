//! The threads that hash: argon2 never runs on a thread that serves pages.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use argon2::Block;
use zeroize::{Zeroize, Zeroizing};

use super::queue::{Job, Next, Output, Queue};
use super::stored::MEMORY_KIB;

/// By how much these threads give way to those that serve pages (setpriority(2): 0 to 19).
const NICENESS: i32 = 10;

/// Takes jobs until the queue closes. Its memory is kept from one hash to the next, which saves
/// the kernel from handing out 19 MiB each time, and given back after `idle` without work.
pub(super) fn run(queue: &Queue, calls: &Arc<AtomicU64>, idle: Duration) {
    // On Linux this is the calling thread alone. Where it fails, hashing is only less polite.
    let _ = rustix::process::nice(NICENESS);
    let mut memory = Memory::default();
    loop {
        match queue.next(memory.is_held().then_some(idle)) {
            Next::Job(job) => {
                calls.fetch_add(1, Ordering::Relaxed);
                metrics::counter!("vestibule_password_hashes_total").increment(1);
                let output = compute(&job, &mut memory);
                // Whoever asked may have gone; then nobody needs the answer.
                let _ = job.reply.send(output);
            }
            Next::Idle => memory = Memory::default(),
            Next::Closed => return,
        }
    }
}

fn compute(job: &Job, memory: &mut Memory) -> Output {
    let mut output = Zeroizing::new(vec![0; job.recipe.output_bytes]);
    let argon2 = job.recipe.argon2();
    let (password, salt) = (job.password.as_bytes(), &job.recipe.salt);
    if job.recipe.blocks() <= MEMORY_KIB as usize {
        argon2.hash_password_into_with_memory(password, salt, &mut output, memory.blocks())?;
    } else {
        // Imported with dearer parameters: such memory is not kept.
        argon2.hash_password_into(password, salt, &mut output)?;
    }
    Ok(output)
}

/// The blocks argon2 works in, wiped when they are given back.
#[derive(Default)]
struct Memory(Vec<Block>);

impl Memory {
    /// In KiB. The C library returns an allocation to the system at once only if it is larger than
    /// 32 MiB (mallopt(3), M_MMAP_THRESHOLD); pages that are never touched cost nothing.
    const RESERVED: usize = 40 * 1024;

    fn blocks(&mut self) -> &mut [Block] {
        if !self.is_held() {
            self.0 = Vec::with_capacity(Self::RESERVED);
            self.0.resize(MEMORY_KIB as usize, Block::new());
        }
        &mut self.0
    }

    fn is_held(&self) -> bool {
        !self.0.is_empty()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // Block by block: to wipe the Vec would touch the reserve as well.
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}
