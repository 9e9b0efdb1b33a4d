//! The command line, as far as it needs no finding: usage, exit codes, schema.

use assert_cmd::Command;
use prodpath::cli::{Terminal, run};
use std::ffi::OsString;
use std::fs;

fn prodpath(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("prodpath").unwrap();
    command.args(arguments).env("NO_COLOR", "1");
    command
}

/// Exit code, standard output and standard error of a run inside this process.
fn call(arguments: &[&str]) -> (u8, String, String) {
    let arguments = std::iter::once("prodpath").chain(arguments.iter().copied()).map(OsString::from);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(arguments, &mut out, &mut err, Terminal::default());
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[test]
fn help_teaches() {
    let (code, out, err) = call(&["--help"]);
    assert_eq!((code, err.as_str()), (0, ""));
    insta::assert_snapshot!("help", out);
    for command in ["path", "why-not", "explain", "schema", "scan"] {
        let (code, out, _) = call(&[command, "--help"]);
        assert_eq!(code, 0);
        assert!(out.contains("Usage: prodpath"), "{out}");
    }
}

#[test]
fn usage_errors_exit_2() {
    for wrong in [
        vec!["--no-such-option"],
        vec!["path"],
        vec!["--format", "yaml"],
        vec!["--report", "json"],
        vec!["--report", "json="],
        vec!["--fail-under", "120"],
        vec!["--fail-under", "NaN"],
        vec!["--jobs", "0"],
        vec!["--quiet", "--verbose"],
        vec!["--quiet", "path", "cart"],
        vec!["somewhere", "schema"],
        vec!["one", "two"],
    ] {
        let (code, out, err) = call(&wrong);
        assert_eq!((code, out.as_str()), (2, ""), "{wrong:?}");
        assert!(err.starts_with("error: "), "{wrong:?}: {err}");
    }
}

#[test]
fn display_options_stand_before_or_after_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    for arguments in [["--ascii", "path", "x", root], ["path", "x", root, "--ascii"], ["path", "--ascii", "x", root]] {
        assert_eq!(call(&arguments).0, 3, "{arguments:?}");
    }
}

#[test]
fn unreadable_paths_exit_2_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no\u{1b}[31msuch");
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [&missing, &file] {
        let (code, out, err) = call(&[path.to_str().unwrap()]);
        assert_eq!((code, out.as_str()), (2, ""));
        assert_eq!(err.lines().count(), 1, "{err}");
        assert!(err.starts_with("prodpath: ") && !err.contains('\u{1b}'), "{err}");
    }
}

#[test]
fn nothing_to_score_exits_3_and_still_reports() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let written = folder.path().join("out.json");
    let (code, out, err) = call(&[root, "--report", &format!("json={}", written.display())]);
    assert_eq!((code, err.as_str()), (3, ""));
    assert!(out.contains("nothing to score") && out.contains("Looked for"), "{out}");
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&written).unwrap()).unwrap();
    assert_eq!(report["score"], serde_json::Value::Null);
    let (code, out, err) = call(&["scan", root, "--format", "json", "--fail-under", "50"]);
    assert_eq!(code, 3);
    assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok());
    assert!(err.starts_with("prodpath: nothing to score"), "{err}");
    for view in [["path", "x", root], ["why-not", "x", root], ["explain", "score", root]] {
        assert_eq!(call(&view).0, 3, "{view:?}");
    }
}

#[test]
fn a_service_without_a_deploy_has_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("parcel");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("package.json"), r#"{"name": "parcel", "scripts": {"test": "jest", "lint": "eslint ."}}"#).unwrap();
    fs::write(root.join("Makefile"), "publish:\n\tnpm publish\n").unwrap();
    let (_, out, _) = call(&[root.to_str().unwrap()]);
    let table: Vec<&str> = out.lines().skip(2).take_while(|l| !l.is_empty()).collect();
    assert_eq!(table.len(), 3, "head, service and legend:\n{out}");
}

#[test]
fn a_report_that_cannot_be_written_exits_2() {
    let folder = tempfile::tempdir().unwrap();
    let target = format!("json={}", folder.path().join("no/such/folder.json").display());
    let (code, _, err) = call(&[folder.path().to_str().unwrap(), "--report", &target]);
    assert_eq!(code, 2);
    assert!(err.contains("cannot be written"), "{err}");
}

#[test]
fn a_folder_called_like_a_command_needs_its_dot() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("schema")).unwrap();
    prodpath(&["schema"]).current_dir(folder.path()).assert().code(0);
    prodpath(&["./schema"]).current_dir(folder.path()).assert().code(3);
}

#[test]
fn the_program_passes_the_exit_code_on() {
    let folder = tempfile::tempdir().unwrap();
    prodpath(&["--version"]).assert().code(0);
    prodpath(&[]).current_dir(folder.path()).assert().code(3);
    prodpath(&["--nonsense"]).assert().code(2);
}

#[test]
fn a_closed_pipe_is_no_fault() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut err = Vec::new();
    let code = run(["prodpath", "schema"].map(OsString::from), &mut Closed, &mut err, Terminal::default());
    assert_eq!((code, err.len()), (0, 0));
}

#[test]
fn a_configuration_file_is_heeded_and_its_effect_said() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let steps = "steps:\n      - run: make\n      - run: kubectl apply -f k8s\n";
    write(".github/workflows/ci.yml", &format!("on: {{push: {{branches: [main]}}}}\njobs:\n  a:\n    runs-on: x\n    {steps}"));
    write(
        "k8s/web.yml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: web, image: web}]}}}\n",
    );
    write("old/deploy.sh", "kubectl apply -f old\n");
    write("central.yaml", "exclude: [old/**]\n");
    write(".prodpath/config.yaml", "extends: ../central.yaml\nweights: {verify: 0}\n");
    let run = |arguments: &[&str]| {
        let output = prodpath(arguments).arg(dir.path()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let (_, screen, _) = run(&[]);
    assert!(screen.contains(".prodpath/config.yaml · 1 file left out · custom weights · path coverage without it"), "{screen}");
    let (_, json, _) = run(&["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["configuration"]["left_out"], serde_json::json!(["old/deploy.sh"]));
    assert!(!report["tool"]["config_hash"].as_str().unwrap().is_empty());
    assert!(report["orphans"].as_array().unwrap().is_empty(), "{json}");
    let (_, isolated, _) = run(&["--isolated"]);
    assert!(!isolated.contains("config.yaml"), "{isolated}");
    for (text, fault) in [
        ("exlude: [old]\n", "config.yaml:1: unknown field `exlude`"),
        ("extends: ../../x.yaml\n", "x.yaml"),
        ("rules: {select: [git/none]}\n", "no rule and no tool with rules is called git/none"),
    ] {
        write(".prodpath/config.yaml", text);
        let (code, _, message) = run(&[]);
        assert!(code == 2 && message.contains(fault), "{code} {message}");
    }
}

#[test]
fn the_schema_of_the_configuration_holds_its_keys() {
    let output = prodpath(&["schema", "config"]).output().unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["environments", "exclude", "extends", "rules", "trunk", "weights"]);
}
