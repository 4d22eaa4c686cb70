//! The name of the processor's model.

/// The model, as the processor or the system names it; `None` where neither does.
pub(crate) fn model() -> Option<String> {
    let name = name()?;
    let words: Vec<&str> = name.split_whitespace().collect();
    Some(words.join(" ")).filter(|name| !name.is_empty())
}

/// The brand string: three leaves of `cpuid` with 16 bytes each. The system's list of processors takes far longer to read,
/// because the kernel asks each processor for its frequency.
#[cfg(target_arch = "x86_64")]
fn name() -> Option<String> {
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

/// The first processor's entry in the system's list.
#[cfg(not(target_arch = "x86_64"))]
fn name() -> Option<String> {
    use std::io::Read;
    let mut text = vec![0; 4096];
    let length = std::fs::File::open("/proc/cpuinfo").and_then(|mut file| file.read(&mut text)).ok()?;
    let text = String::from_utf8_lossy(&text[..length]).into_owned();
    let entry = |key: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim().to_owned())
    };
    let part = || Some(format!("implementer {} part {}", entry("CPU implementer")?, entry("CPU part")?));
    entry("model name").or_else(|| entry("Model")).or_else(part)
}
