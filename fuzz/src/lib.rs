//! What the targets share: an allocator that ends the process when one input takes more memory than is promised.
//!
//! libFuzzer's own limit (`-rss_limit_mb`) counts its corpus and counters too, and looks only now and then.
//! Here every byte of the code under test is counted when it is asked for.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    process::abort,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// The most bytes that one input may have in use: what docs/adr/0006 promises.
pub const MOST_BYTES: usize = 200 * 1024 * 1024;

/// The system's allocator, which counts and has a limit.
pub struct Limited {
    used: AtomicUsize,
    limit: AtomicUsize,
}

impl Limited {
    /// An allocator without a limit, until an input begins.
    #[must_use]
    pub const fn new() -> Self {
        Self { used: AtomicUsize::new(0), limit: AtomicUsize::new(usize::MAX) }
    }

    /// Begins an input: from here on it may use [`MOST_BYTES`] more than is in use now.
    pub fn begin(&self) {
        self.limit.store(self.used.load(Relaxed).saturating_add(MOST_BYTES), Relaxed);
    }

    fn take(&self, bytes: usize) {
        if self.used.fetch_add(bytes, Relaxed).saturating_add(bytes) > self.limit.load(Relaxed) {
            // The message itself may need memory.
            self.limit.store(usize::MAX, Relaxed);
            eprintln!("one input takes more than {MOST_BYTES} bytes");
            // libFuzzer keeps the input of a process that ends so.
            abort();
        }
    }

    fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Relaxed);
    }
}

impl Default for Limited {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: everything is the system allocator's work; the counting beside it allocates nothing unless it ends the process.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.take(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.take(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // For a moment both may be there.
        self.take(size);
        // SAFETY: the caller's promises are passed on.
        let moved = unsafe { System.realloc(place, layout, size) };
        self.give_back(if moved.is_null() { size } else { layout.size() });
        moved
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        self.give_back(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(place, layout) }
    }
}
