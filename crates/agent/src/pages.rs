//! Giving back what only the start needed.
//!
//! Linking and setting up touch megabytes of the program that are never read again: relocation
//! tables, the parser of the command line. They would stay in the resident set of every agent and node.

use std::ffi::c_void;

/// Unmaps the pages of the program and its libraries that were read so far; those that are needed
/// again come back from the page cache, at less than a microsecond each.
pub fn release() {
    #[expect(
        unsafe_code,
        reason = "the list of what is loaded is only to be had by a callback"
    )]
    // SAFETY: `release_object` has the signature that dl_iterate_phdr(3) calls, does not unwind, and
    // needs no data.
    unsafe {
        libc::dl_iterate_phdr(Some(release_object), std::ptr::null_mut());
    }
}

#[expect(
    unsafe_code,
    reason = "the loader describes what is loaded by pointers"
)]
unsafe extern "C" fn release_object(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    _data: *mut c_void,
) -> libc::c_int {
    // SAFETY: the loader passes a valid pointer, whose headers stay valid during the call.
    let (object, headers) = unsafe {
        let object = &*info;
        let headers = std::slice::from_raw_parts(object.dlpi_phdr, object.dlpi_phnum.into());
        (object, headers)
    };
    let page = rustix::param::page_size() as u64;
    for header in headers {
        // Nobody has written to a segment that is not writable (the part that is made read-only
        // after relocation belongs to one that is), so every page of it is as in the file.
        if header.p_type != libc::PT_LOAD || header.p_flags & libc::PF_W != 0 {
            continue;
        }
        let start = (object.dlpi_addr + header.p_vaddr) / page * page;
        let end = (object.dlpi_addr + header.p_vaddr + header.p_memsz) / page * page;
        let (Ok(start), Ok(length)) = (
            usize::try_from(start),
            usize::try_from(end.saturating_sub(start)),
        ) else {
            continue;
        };
        // SAFETY: the range is a private mapping of a file that was not written to; its pages are
        // read again from the file. What is advised changes no content.
        let result = unsafe {
            libc::madvise(
                std::ptr::with_exposed_provenance_mut(start),
                length,
                libc::MADV_DONTNEED,
            )
        };
        if result != 0 {
            tracing::debug!(error = %std::io::Error::last_os_error(), "pages are not given back");
        }
    }
    0
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_program_goes_on_without_them() {
        let before = String::from("still here");
        super::release();
        super::release();
        assert_eq!(before, "still here");
        assert!(std::env::current_dir().is_ok());
    }
}
