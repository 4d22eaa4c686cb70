//! The name of the machine.

/// The host name, where the system keeps it in a file or in the environment.
pub(crate) fn name() -> Option<String> {
    let of_file = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = of_file.or_else(|| std::env::var("COMPUTERNAME").ok())?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
