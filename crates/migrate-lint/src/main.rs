//! The command `migrate-lint`.

use std::process::ExitCode;

// A parser allocates often and frees late: mimalloc takes a third off (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    migrate_lint::main()
}
