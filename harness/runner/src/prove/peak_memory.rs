//! Peak memory of this process; Linux only.

/// Begins a new measurement of the peak.
pub(super) fn reset() {
    // Where this is not possible, there is nothing to read either.
    std::fs::write("/proc/self/clear_refs", "5").ok();
}

/// Peak resident memory since the last reset, in bytes.
pub(super) fn read() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes << 10)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_that_since_the_reset() {
        drop(std::hint::black_box(vec![1_u8; 64 << 20]));
        let before = read().unwrap();
        reset();
        let after = read().unwrap();
        assert!(after > 0 && after + (32 << 20) < before, "{after} {before}");
    }
}
