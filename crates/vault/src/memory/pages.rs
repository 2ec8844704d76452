//! Pages from the operating system, in the best kind that it grants.

use std::{alloc::Layout, ptr::NonNull};

use zeroize::Zeroize;

use super::{Protection, SLOT};

/// Bytes asked for at once: a multiple of every usual size of a page.
const SIZE: usize = 64 * 1024;

/// Zeroed memory that stays where it is.
pub(super) struct Pages {
    at: NonNull<u8>,
    mapped: bool,
}

impl Pages {
    pub(super) fn new() -> (Self, Protection) {
        #[cfg(unix)]
        if let Some((at, protection)) = mapping::map(SIZE) {
            return (Self { at, mapped: true }, protection);
        }
        // SAFETY: the layout has a size.
        let at = unsafe { std::alloc::alloc_zeroed(Self::LAYOUT) };
        let at = NonNull::new(at).unwrap_or_else(|| std::alloc::handle_alloc_error(Self::LAYOUT));
        (Self { at, mapped: false }, Protection::Ordinary)
    }

    /// Each place in it, once.
    pub(super) fn slots(&self) -> impl Iterator<Item = NonNull<[u8; SLOT]>> {
        // SAFETY: the offsets stay within the allocation of `SIZE` bytes.
        (0..SIZE / SLOT).map(|index| unsafe { self.at.add(index * SLOT) }.cast())
    }

    const LAYOUT: Layout = match Layout::from_size_align(SIZE, 4096) {
        Ok(layout) => layout,
        Err(_) => panic!("a power of two"),
    };
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the memory is ours, `SIZE` bytes long, and no slot is left: each holds what owns this.
        unsafe { std::slice::from_raw_parts_mut(self.at.as_ptr(), SIZE) }.zeroize();
        #[cfg(unix)]
        if self.mapped {
            // SAFETY: it was mapped with this size, and nothing refers to it any more.
            let _ = unsafe { rustix::mm::munmap(self.at.as_ptr().cast(), SIZE) };
            return;
        }
        debug_assert!(!self.mapped, "only the operating system's mappings are mapped");
        // SAFETY: it was allocated with this layout.
        unsafe { std::alloc::dealloc(self.at.as_ptr(), Self::LAYOUT) };
    }
}

#[cfg(unix)]
mod mapping {
    use std::{
        ffi::c_void,
        ptr::{NonNull, null_mut},
    };

    use rustix::mm::{MapFlags, ProtFlags, mlock, mmap_anonymous};

    use super::Protection;

    pub(super) fn map(size: usize) -> Option<(NonNull<u8>, Protection)> {
        #[cfg(target_os = "linux")]
        if let Some(at) = secret(size) {
            leave_out(at, size);
            return Some((NonNull::new(at.cast())?, Protection::Secret));
        }
        // SAFETY: a new mapping at an address of the kernel's choice touches no other memory.
        let at = unsafe {
            mmap_anonymous(null_mut(), size, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)
        };
        let at = at.ok()?;
        leave_out(at, size);
        // SAFETY: it is mapped, with this size.
        let locked = unsafe { mlock(at, size) }.is_ok();
        let protection = if locked { Protection::Locked } else { Protection::Ordinary };
        Some((NonNull::new(at.cast())?, protection))
    }

    /// Memory that only this process maps, where the kernel has it (Linux 5.14) and the limit of locked memory allows it.
    #[cfg(target_os = "linux")]
    fn secret(size: usize) -> Option<*mut c_void> {
        use std::os::fd::{FromRawFd, OwnedFd};

        // SAFETY: the call takes flags alone.
        let fd = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
        let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0)?;
        // SAFETY: it is a new descriptor that nobody else owns.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        rustix::fs::ftruncate(&fd, size as u64).ok()?;
        // SAFETY: a new mapping at an address of the kernel's choice touches no other memory.
        unsafe {
            rustix::mm::mmap(null_mut(), size, ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED, &fd, 0)
        }
        .ok()
    }

    /// Leaves it out of core dumps and of child processes. Where that can't be had, [`harden`](crate::harden) still allows no
    /// dump at all.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(unused_variables, reason = "other systems have no such advice")
    )]
    fn leave_out(at: *mut c_void, size: usize) {
        #[cfg(target_os = "linux")]
        for advice in [rustix::mm::Advice::LinuxDontDump, rustix::mm::Advice::LinuxDontFork] {
            // SAFETY: it is mapped, with this size, and holds nothing yet.
            let _ = unsafe { rustix::mm::madvise(at, size, advice) };
        }
    }
}
