//! Whatever a script holds: no panic, no overflow, no hang.

use super::super::Dialect;
use super::read_with;

#[test]
fn hostile_scripts_are_read_to_their_end() {
    let mut seed = 7u32;
    let garbage: String = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let all = b"abc $(){}[]<>|&;\"'`\\\n\t=#*!~%^@:/if then do done case esac in EOF";
        char::from(all[(seed >> 16) as usize % all.len()])
    })
    .take(200_000)
    .collect();
    let nested = |open: &str, close: &str, n: usize| format!("{}x{}", open.repeat(n), close.repeat(n));
    let mut shells = "x".to_owned();
    for _ in 0..14 {
        shells = format!("bash <<'E{0}'\n{shells}\nE{0}\n", shells.len());
    }
    let scripts = [
        "(".repeat(20_000),
        nested("( ", " )", 20_000),
        nested("if a; then ", "; fi", 5_000),
        nested("$(", ")", 5_000),
        nested("${a:-", "}", 5_000),
        nested("\"$(", ")\"", 3_000),
        nested("while x; do ", "; done", 2_000),
        "a && ".repeat(20_000),
        "a | ".repeat(20_000),
        "! ".repeat(5_000),
        format!("[[ {} ]]", "( ".repeat(5_000)),
        format!("[ {} a ]", "! ".repeat(5_000)),
        "cat <<E\n".repeat(400),
        "\"".repeat(3_001),
        "echo 'a\nb\nc".to_owned(),
        "cat <<EOF\nno end".to_owned(),
        "case x in\n".repeat(2_000),
        "f() { ".repeat(3_000),
        "bash -c '".repeat(1_000),
        "eval \"".repeat(1_000),
        "\u{fffc}\u{feff}é\u{0}".repeat(500),
        "$".to_owned(),
        "${".repeat(2_000),
        "a=(".repeat(2_000),
        shells,
        garbage,
    ];
    for script in &scripts {
        for dialect in [Dialect::Posix, Dialect::PowerShell, Dialect::Cmd] {
            let started = std::time::Instant::now();
            read_with(script, dialect);
            let shown: String = script.chars().take(20).collect();
            assert!(started.elapsed().as_secs() < 20, "{dialect:?} {shown}");
        }
    }
}
