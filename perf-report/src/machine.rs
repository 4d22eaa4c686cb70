//! Facts of the machine that figures come from, as the runtime and the command write them into snapshots: the same machine has the same
//! facts, whoever writes.

/// The processor's model, as it or the system names it; `None` where neither does.
#[must_use]
pub fn cpu() -> Option<String> {
    let name = cpu_name()?;
    let words: Vec<&str> = name.split_whitespace().collect();
    Some(words.join(" ")).filter(|name| !name.is_empty())
}

/// The brand string: three leaves of `cpuid` with 16 bytes each. The system's list of processors takes far longer to read,
/// because the kernel asks each processor for its frequency.
#[cfg(target_arch = "x86_64")]
fn cpu_name() -> Option<String> {
    use core::arch::x86_64::__cpuid;
    const BRAND: std::ops::RangeInclusive<u32> = 0x8000_0002..=0x8000_0004;
    if __cpuid(0x8000_0000).eax < *BRAND.end() {
        return None;
    }
    let mut bytes = Vec::new();
    for leaf in BRAND {
        let words = __cpuid(leaf);
        bytes.extend([words.eax, words.ebx, words.ecx, words.edx].into_iter().flat_map(u32::to_le_bytes));
    }
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

#[cfg(not(target_arch = "x86_64"))]
fn cpu_name() -> Option<String> {
    use std::io::Read;
    let mut text = vec![0; 4096];
    let length = std::fs::File::open("/proc/cpuinfo").and_then(|mut file| file.read(&mut text)).ok()?;
    first_listed(&String::from_utf8_lossy(&text[..length]))
}

/// The first processor's entry in the system's list.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn first_listed(list: &str) -> Option<String> {
    let entry = |key: &str| {
        let mut lines = list.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim().to_owned())
    };
    let part = || Some(format!("implementer {} part {}", entry("CPU implementer")?, entry("CPU part")?));
    entry("model name").or_else(|| entry("Model")).or_else(part)
}

/// The name of the machine.
///
/// The runtime has a call of its own for Unix, which needs no other crate.
#[must_use]
pub fn host() -> Option<String> {
    #[cfg(all(unix, feature = "command"))]
    let name = Some(rustix::system::uname().nodename().to_string_lossy().into_owned());
    #[cfg(not(all(unix, feature = "command")))]
    let name = {
        let of_file = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
        of_file.or_else(|| std::env::var("COMPUTERNAME").ok())
    };
    Some(name?.trim().to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_has_a_name_in_each_kind_of_list() {
        let intel =
            "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R)  CPU @ 2.20GHz\n";
        assert_eq!(first_listed(intel).as_deref(), Some("Intel(R) Xeon(R)  CPU @ 2.20GHz"));
        let arm =
            "processor\t: 0\nBogoMIPS\t: 243.75\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd0c\n";
        assert_eq!(first_listed(arm).as_deref(), Some("implementer 0x41 part 0xd0c"));
        let board = format!("{arm}\nModel\t\t: Raspberry Pi 4 Model B Rev 1.4\n");
        assert_eq!(first_listed(&board).as_deref(), Some("Raspberry Pi 4 Model B Rev 1.4"));
        assert_eq!(first_listed("processor\t: 0\n"), None);
    }
}
