use perf_runtime::profile;

#[profile]
#[unsafe(naked)]
extern "C" fn f() {
    core::arch::naked_asm!("ret")
}

fn main() {}
