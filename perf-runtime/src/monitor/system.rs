//! The system's figures of this process: files of `/proc`, the cgroup and pressure files, `getrusage`.
//!
//! Read here rather than by a crate: in a loop all of it takes about 10 µs, because each file is opened and read once into a
//! buffer that stays. `procfs` 0.18 took 24 µs for `stat`, `status`, `io` and the number of open files, `sysinfo` 0.40 15 µs (and
//! 38 µs with 64 threads) for memory, processor time and bytes alone; neither knows the process's cgroup pressure, both allocate,
//! and the formats have been stable for longer than either crate. The files are not kept open, as programs
//! that become daemons close whatever is open, and the number would then be that of another file.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use perf_report::monitor::Metric;

use crate::platform::usage;

/// Number of metrics.
pub(crate) const METRICS: usize = Metric::ALL.len();

/// A value per metric, `None` where there is none.
pub(crate) type Sample = [Option<u64>; METRICS];

/// Reads the system's figures, and keeps the last ones, because rates are differences.
#[derive(Clone, Debug)]
pub(crate) struct System {
    buffer: Vec<u8>,
    /// File with the use of memory by the process's cgroup, if it is accounted.
    cgroup_use: Option<PathBuf>,
    memory_pressure: PathBuf,
    cpu_pressure: PathBuf,
    #[cfg(feature = "tasks-tokio")]
    runtimes: super::runtimes::Runtimes,
    memory_bytes: u64,
    cores: u32,
    last: Option<(u64, Counters)>,
}

/// A cgroup of the process: one of version 2, or one of version 1 for memory. A system may have both.
#[derive(Debug)]
struct Cgroup {
    folder: PathBuf,
    /// Where the hierarchy is mounted.
    mount: PathBuf,
    use_name: &'static str,
    limit_name: &'static str,
}

impl Cgroup {
    /// Those of a process, by its lists of cgroups and of mounts.
    fn of(cgroups: &str, mounts: &str, usual: &Path) -> Vec<Cgroup> {
        let two = |line: &str| line.strip_prefix("0::").map(str::to_owned);
        let one = |line: &str| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            controllers.split(',').any(|controller| controller == "memory").then(|| path.to_owned())
        };
        let group = |path: Option<String>, is_one: bool| {
            let path = path?;
            let (mount, root) = mount_of(mounts, is_one)
                .unwrap_or_else(|| (if is_one { usual.join("memory") } else { usual.to_owned() }, "/".into()));
            // In a container without a namespace of cgroups, the path is the host's and the mount begins at the container's.
            let below = Path::new(&path).strip_prefix(&root).unwrap_or(Path::new(""));
            Some(Cgroup {
                folder: mount.join(below.strip_prefix("/").unwrap_or(below)),
                mount,
                use_name: if is_one { "memory.usage_in_bytes" } else { "memory.current" },
                limit_name: if is_one { "memory.limit_in_bytes" } else { "memory.max" },
            })
        };
        let groups = [group(cgroups.lines().find_map(two), false), group(cgroups.lines().find_map(one), true)];
        groups.into_iter().flatten().collect()
    }

    /// The tightest limit on the way up, which holds.
    fn limit(&self) -> Option<u64> {
        /// Version 1 gives about this number where there is no limit.
        const NO_LIMIT: u64 = 1 << 60;
        let folders = self.folder.ancestors().take_while(|folder| folder.starts_with(&self.mount));
        let limits =
            folders.filter_map(|folder| fs::read_to_string(folder.join(self.limit_name)).ok()?.trim().parse().ok());
        limits.filter(|&limit| limit < NO_LIMIT).min()
    }
}

/// Where the hierarchy of version 2, or that of version 1 for memory, is mounted, and which part of it (`proc_pid_mountinfo(5)`).
fn mount_of(mounts: &str, is_one: bool) -> Option<(PathBuf, String)> {
    mounts.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let (mut before, mut after) = (before.split(' ').skip(3), after.split(' '));
        let (root, point) = (before.next()?, before.next()?);
        let (kind, options) = (after.next()?, after.nth(1)?);
        let fits = match is_one {
            true => kind == "cgroup" && options.split(',').any(|option| option == "memory"),
            false => kind == "cgroup2",
        };
        fits.then(|| (PathBuf::from(point), root.to_owned()))
    })
}

/// Figures that only rise.
pub(super) type Counters = [Option<u64>; METRICS];

impl System {
    pub(crate) fn new() -> System {
        System::at(Path::new("/proc"), Path::new("/sys/fs/cgroup"))
    }

    /// With the files of the system found elsewhere, for tests.
    fn at(proc: &Path, cgroups: &Path) -> System {
        let text = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
        let groups = Cgroup::of(&text(proc.join("self/cgroup")), &text(proc.join("self/mountinfo")), cgroups);
        let folder = groups.iter().find(|group| group.limit_name == "memory.max").map(|group| group.folder.clone());
        let machine = field(&text(proc.join("meminfo")), "MemTotal:").map_or(0, |kib| kib * 1024);
        let limit = groups.iter().filter_map(Cgroup::limit).min();
        let uses = groups.iter().map(|group| group.folder.join(group.use_name));
        // The cgroup's pressure is the process's own neighbourhood; without one the machine's has to do.
        let pressure = |own: &str, machine: &str| {
            let own = folder.as_ref().map(|folder| folder.join(own)).filter(|path| path.exists());
            own.unwrap_or_else(|| proc.join("pressure").join(machine))
        };
        System {
            buffer: vec![0; 8192],
            memory_pressure: pressure("memory.pressure", "memory"),
            cpu_pressure: pressure("cpu.pressure", "cpu"),
            #[cfg(feature = "tasks-tokio")]
            runtimes: super::runtimes::Runtimes::default(),
            memory_bytes: limit.map_or(machine, |limit| if machine == 0 { limit } else { limit.min(machine) }),
            cores: std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32),
            cgroup_use: uses.into_iter().find(|path| path.exists()),
            last: None,
        }
    }

    /// Memory that the process may use; 0 where the system does not tell.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }

    /// Processors that the process may use.
    pub(crate) fn cores(&self) -> u32 {
        self.cores
    }

    /// Whether the system tells a metric.
    pub(crate) fn has(&self, metric: Metric) -> bool {
        // A reader of its own, which may read anything without changing what rates are differences of.
        let mut other = System { buffer: vec![0; 8192], last: None, ..self.clone() };
        other.sample(0);
        other.sample(1)[metric as usize].is_some()
    }

    /// A metric in bytes now.
    pub(crate) fn bytes(&mut self, metric: Metric) -> Option<u64> {
        let mut sample = Sample::default();
        self.read_gauges(&mut sample);
        sample[metric as usize]
    }

    /// The process now; rates are since the last call.
    pub(crate) fn sample(&mut self, now_ns: u64) -> Sample {
        let mut sample = Sample::default();
        let mut counters = Counters::default();
        self.read_gauges(&mut sample);
        self.read_counters(&mut counters);
        #[cfg(feature = "tasks-tokio")]
        self.runtimes.sample(self.last.map(|(then_ns, _)| now_ns.saturating_sub(then_ns)), &mut sample, &mut counters);
        if let Some((then_ns, before)) = self.last {
            let elapsed = now_ns.saturating_sub(then_ns).max(1);
            for (index, metric) in Metric::ALL.iter().enumerate() {
                if let (Some(total), Some(before)) = (counters[index], before[index]) {
                    let per_second = u128::from(total.saturating_sub(before)) * 1_000_000_000 / u128::from(elapsed);
                    // Shares of time are kept in µs, and a µs per second is a millionth.
                    debug_assert!(sample[index].is_none(), "{metric:?} is no gauge");
                    sample[index] = u64::try_from(per_second).ok();
                }
            }
        }
        self.last = Some((now_ns, counters));
        sample
    }

    fn read_gauges(&mut self, sample: &mut Sample) {
        let mut set = |metric: Metric, value: Option<u64>| sample[metric as usize] = value;
        if let Some(status) = read(&mut self.buffer, Path::new("/proc/self/status")) {
            let bytes = |name| field(status, name).map(|kib| kib * 1024);
            set(Metric::Rss, bytes("VmRSS:"));
            set(Metric::PeakRss, bytes("VmHWM:"));
            set(Metric::Virtual, bytes("VmSize:"));
            set(Metric::Private, bytes("RssAnon:"));
            set(Metric::Shared, bytes("RssFile:").map(|file| file + bytes("RssShmem:").unwrap_or(0)));
            set(Metric::Threads, field(status, "Threads:"));
        }
        set(Metric::Files, open_files());
        #[cfg(feature = "allocations")]
        set(Metric::Heap, crate::allocations::live_bytes());
        let cgroup = self.cgroup_use.as_ref().and_then(|path| read(&mut self.buffer, path));
        set(Metric::Cgroup, cgroup.and_then(|text| text.trim().parse().ok()));
    }

    fn read_counters(&mut self, counters: &mut Counters) {
        let mut set = |metric: Metric, value: Option<u64>| counters[metric as usize] = value;
        if let Some(usage) = usage::usage() {
            set(Metric::Cpu, Some(usage.user_us + usage.system_us));
            set(Metric::CpuUser, Some(usage.user_us));
            set(Metric::CpuSystem, Some(usage.system_us));
            set(Metric::Faults, Some(usage.minor_faults));
            set(Metric::MajorFaults, Some(usage.major_faults));
            set(Metric::Switches, Some(usage.switches));
            set(Metric::Preemptions, Some(usage.preemptions));
        }
        if let Some(io) = read(&mut self.buffer, Path::new("/proc/self/io")) {
            set(Metric::Read, field(io, "rchar:"));
            set(Metric::Written, field(io, "wchar:"));
        }
        for (metric, path) in
            [(Metric::MemoryPressure, &self.memory_pressure), (Metric::CpuPressure, &self.cpu_pressure)]
        {
            set(metric, read(&mut self.buffer, path).and_then(stalled_us));
        }
    }
}

/// The first bytes of a file as text.
fn read<'a>(buffer: &'a mut [u8], path: &Path) -> Option<&'a str> {
    if !usage::HAS_FILES {
        return None;
    }
    let read = File::open(path).ok()?.read(buffer).ok()?;
    std::str::from_utf8(&buffer[..read]).ok()
}

/// The number behind a name at the beginning of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_ascii_whitespace().next()?.parse().ok()
}

/// The time in µs that some task waited: `some avg10=0.00 avg60=0.00 avg300=0.00 total=1234`.
fn stalled_us(text: &str) -> Option<u64> {
    let some = text.lines().find_map(|line| line.strip_prefix("some "))?;
    some.split_ascii_whitespace().find_map(|word| word.strip_prefix("total="))?.parse().ok()
}

/// Number of open files.
fn open_files() -> Option<u64> {
    if !usage::HAS_FILES {
        return None;
    }
    let folder = Path::new("/proc/self/fd");
    // Since Linux 6.2 the folder's size tells.
    match fs::metadata(folder).ok()?.len() {
        // Without the one that the counting itself opens.
        0 => Some((fs::read_dir(folder).ok()?.count() as u64).saturating_sub(1)),
        files => Some(files),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The standard library alone knows neither times nor files of the process.
    #[cfg(all(unix, not(perf_portable)))]
    #[test]
    fn this_process_is_sampled() {
        let mut system = System::new();
        assert!(system.cores() > 0);
        let first = system.sample(0);
        assert!(first[Metric::Cpu as usize].is_none(), "a rate needs two samples");
        // Sampling itself uses a processor, however small a share of one this process gets.
        let mut samples = (1..100_000).map(|number| system.sample(number * 1_000_000));
        let used = |sample: &Sample| sample[Metric::Cpu as usize].is_some_and(|ppm| ppm > 0);
        let second = samples.find(used).expect("sampling takes time");
        if cfg!(target_os = "linux") {
            assert!(second[Metric::Rss as usize].is_some_and(|bytes| bytes > 100_000));
            assert!(second[Metric::PeakRss as usize] >= second[Metric::Private as usize]);
            assert!(second[Metric::Threads as usize].is_some_and(|threads| threads >= 2));
            assert!(second[Metric::Files as usize].is_some_and(|files| files >= 3));
            assert!(system.memory_bytes() > 1 << 20);
        }
    }

    #[cfg(not(all(unix, not(perf_portable))))]
    #[test]
    fn what_the_platform_does_not_tell_has_no_value() {
        let mut system = System::new();
        assert!(system.cores() > 0);
        for now_ns in [1, 1_000_000_000] {
            let sample = system.sample(now_ns);
            // Other tests may watch runtimes of tokio.
            let is_not_its = |metric: Metric| metric == Metric::Heap || metric.name().starts_with("tokio_");
            assert!(Metric::ALL.iter().all(|&metric| is_not_its(metric) || sample[metric as usize].is_none()));
        }
    }

    // These files are Linux's.
    #[cfg(all(unix, not(perf_portable)))]
    #[test]
    fn the_tightest_limit_of_the_cgroups_above_holds() {
        let folder = std::env::temp_dir().join(format!("perf-cgroup-{}", std::process::id()));
        let (proc, cgroups) = (folder.join("proc"), folder.join("cgroup"));
        let own = cgroups.join("apps/web");
        fs::create_dir_all(proc.join("self")).unwrap();
        fs::create_dir_all(&own).unwrap();
        for (path, text) in [
            (proc.join("self/cgroup"), "9:name=systemd:/\n0::/apps/web\n"),
            (proc.join("meminfo"), "MemTotal:       16000000 kB\nMemFree: 1 kB\n"),
            (own.join("memory.current"), "123456789\n"),
            (own.join("memory.max"), "max\n"),
            (cgroups.join("apps/memory.max"), "1073741824\n"),
            (own.join("memory.pressure"), "some avg10=0.00 avg60=0.00 avg300=0.00 total=5000\nfull avg10=0 total=1\n"),
        ] {
            fs::write(path, text).unwrap();
        }
        let mut system = System::at(&proc, &cgroups);
        assert_eq!(system.memory_bytes(), 1 << 30);
        assert_eq!(system.sample(0)[Metric::Cgroup as usize], Some(123_456_789));
        fs::write(own.join("memory.pressure"), "some avg10=0.00 total=255000\n").unwrap();
        assert_eq!(system.sample(1_000_000_000)[Metric::MemoryPressure as usize], Some(250_000), "a quarter of 1 s");
        fs::remove_dir_all(folder).unwrap();
    }

    /// A file of a system that a test makes.
    #[cfg(all(unix, not(perf_portable)))]
    fn put(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[cfg(all(unix, not(perf_portable)))]
    #[test]
    fn limits_of_version_1_hold_too_wherever_it_is_mounted() {
        const NO_LIMIT: &str = "9223372036854771712\n";
        let folder = std::env::temp_dir().join(format!("perf-cgroup-one-{}", std::process::id()));
        let (proc, mount) = (folder.join("proc"), folder.join("mounts/memory"));
        put(&proc.join("meminfo"), "MemTotal:       16000000 kB\n");
        // A container: the mount begins at its own group, and the path is the host's.
        put(&proc.join("self/cgroup"), "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc/worker\n1:name=systemd:/x\n");
        let line = format!("36 25 0:31 /docker/abc {} rw,nosuid - cgroup cgroup rw,memory\n", mount.display());
        put(&proc.join("self/mountinfo"), &format!("22 1 0:5 / /sys rw - sysfs sysfs rw\n{line}"));
        put(&mount.join("worker/memory.limit_in_bytes"), NO_LIMIT);
        put(&mount.join("memory.limit_in_bytes"), "536870912\n");
        put(&mount.join("worker/memory.usage_in_bytes"), "1234567\n");
        let mut system = System::at(&proc, &folder.join("nothing here"));
        assert_eq!(system.memory_bytes(), 512 << 20);
        assert_eq!(system.sample(0)[Metric::Cgroup as usize], Some(1_234_567));
        // Both at once: version 2 without a controller for memory, which is version 1's.
        put(&proc.join("self/cgroup"), "4:memory:/docker/abc\n0::/docker/abc\n");
        let two = folder.join("mounts/unified");
        let lines = format!("{line}37 25 0:32 / {} rw - cgroup2 cgroup2 rw\n", two.display());
        put(&proc.join("self/mountinfo"), &lines);
        put(&two.join("docker/abc/cgroup.procs"), "1\n");
        assert_eq!(System::at(&proc, &folder).memory_bytes(), 512 << 20);
        put(&two.join("docker/memory.max"), "1048576\n");
        assert_eq!(System::at(&proc, &folder).memory_bytes(), 1 << 20, "the tighter one");
        put(&mount.join("memory.limit_in_bytes"), NO_LIMIT);
        fs::remove_file(two.join("docker/memory.max")).unwrap();
        assert_eq!(System::at(&proc, &folder).memory_bytes(), 16_000_000 << 10, "none at all");
        fs::remove_dir_all(folder).unwrap();
    }
}
