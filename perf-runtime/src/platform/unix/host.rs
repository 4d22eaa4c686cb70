//! The name of the machine.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

/// The host name; `None` if there is none, or if it is longer than names of hosts are.
pub(crate) fn name() -> Option<String> {
    let mut bytes = [0_u8; 256];
    // SAFETY: the system writes at most as many bytes as it is told that there are.
    let result = unsafe { libc::gethostname(bytes.as_mut_ptr().cast(), bytes.len()) };
    let end = bytes.iter().position(|&byte| byte == 0).filter(|&end| result == 0 && end > 0)?;
    Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
}
