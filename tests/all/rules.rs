//! The built-in rules against their own examples, and what a user sees of findings and edits.

use prodpath::config::Config;
use prodpath::replace::embedded;
use prodpath::report::Safety;
use prodpath::scan::check::check;
use prodpath::scan::scan;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else if path.parent().unwrap().ends_with("replacements") && path.extension().is_some_and(|e| e == "yaml") {
            out.push(path);
        }
    }
}

#[test]
fn every_rule_is_read_and_passes_its_examples() {
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("grammars"), &mut all);
    let known: BTreeSet<&str> = embedded().iter().map(|r| r.id.as_str()).collect();
    let mut faults: Vec<String> = Vec::new();
    for path in &all {
        if let Err(why) = prodpath::replace::read_file(path) {
            faults.push(format!("{}: {why}", path.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(known.len(), all.len(), "a rule of a file is missing, or two have one id");
    for rule in embedded() {
        faults.extend(check(rule).into_iter().map(|fault| format!("{}: {fault:?}", rule.id)));
        assert!(!rule.form.title.contains('\n') || rule.form.title.trim_end().lines().count() == 1, "{}", rule.id);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

const WORKFLOW: &str = "on:
  push:
    branches: [main]
jobs:
  deliver:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          # one environment a workspace
          if ! terraform workspace select prod 2>/dev/null; then
            terraform workspace new prod
          fi
          git submodule init
          git submodule update
          terraform apply -auto-approve
";

fn repository(pin: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join(".github/workflows")).unwrap();
    fs::write(dir.path().join(".github/workflows/ci.yml"), WORKFLOW).unwrap();
    fs::write(dir.path().join(".terraform-version"), pin).unwrap();
    dir
}

fn found(pin: &str) -> Vec<(String, Option<Safety>)> {
    let dir = repository(pin);
    let report = scan(dir.path(), &Config::default()).unwrap();
    report.replacements.iter().map(|r| (r.rule.clone(), r.fix.as_ref().map(|f| f.safety))).collect()
}

#[test]
fn an_option_younger_than_the_pin_is_not_advised() {
    let submodule = ("git/submodule-update-init".to_owned(), Some(Safety::Safe));
    assert_eq!(found("1.3.9\n"), std::slice::from_ref(&submodule));
    // What the comparison does not look at (`2>/dev/null`) would be lost: a person looks first.
    let workspace = ("terraform/workspace-select-or-create".to_owned(), Some(Safety::Suggestion));
    assert_eq!(found("1.9.8\n"), [workspace, submodule]);
}

#[test]
fn edits_keep_the_rest_and_a_second_run_changes_nothing() {
    let dir = repository("1.9.8\n");
    let run = |arguments: &[&str]| {
        let command = assert_cmd::Command::cargo_bin("prodpath").unwrap().arg("fix").arg(dir.path()).args(arguments).unwrap();
        String::from_utf8(command.stdout).unwrap()
    };
    let file = dir.path().join(".github/workflows/ci.yml");
    let shown = run(&[]);
    assert!(
        shown
            .contains("-          git submodule init\n-          git submodule update\n+          git submodule update --init\n"),
        "{shown}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), WORKFLOW, "without --write nothing is changed");
    run(&["--write"]);
    let safe = fs::read_to_string(&file).unwrap();
    assert_eq!(safe, WORKFLOW.replace("git submodule init\n          git submodule update\n", "git submodule update --init\n"));
    assert_eq!(run(&["--write"]), "");
    run(&["--write", "--unsafe"]);
    let all = fs::read_to_string(&file).unwrap();
    assert!(
        all.contains("          # one environment a workspace\n          terraform workspace select -or-create prod\n"),
        "{all}"
    );
    assert_eq!(run(&["--write", "--unsafe"]), "");
}

#[cfg(unix)]
#[test]
fn an_edit_never_goes_through_a_link() {
    let dir = repository("1.9.8\n");
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("ci.yml");
    fs::rename(dir.path().join(".github/workflows/ci.yml"), &target).unwrap();
    std::os::unix::fs::symlink(&target, dir.path().join(".github/workflows/ci.yml")).unwrap();
    assert_cmd::Command::cargo_bin("prodpath").unwrap().args(["fix", "--write", "--unsafe"]).arg(dir.path()).unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), WORKFLOW);
}

#[test]
fn a_rule_that_fails_its_examples_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("own.yaml");
    let rule = "title: x\npattern: make <GOAL>\ndo: y\nconfidence: high\nmatches: [make all]\nnear-misses: [make clean]\n";
    for (text, said) in [
        (rule, "own.yaml, line 6: this near-miss matches"),
        (
            "title: x\npattern: make <GOAL\ndo: y\nconfidence: high\nmatches: [make]\nnear-misses: [ls]\n",
            "line 2: a hole `<…` does not",
        ),
        (
            "title: x\npattern: make\nwhere: [sometimes]\ndo: y\nconfidence: high\nmatches: [make]\nnear-misses: [ls]\n",
            "line 3: `sometimes` is no condition",
        ),
        ("title: x\npattern: make\nwhere: [whole-unti]\ndo: y\nconfidence: high\n", "did you mean `whole-unit`?"),
        ("title: x\npatern: make\ndo: y\nconfidence: high\n", "line 2: unknown field `patern`"),
    ] {
        fs::write(&file, text).unwrap();
        let output = assert_cmd::Command::cargo_bin("prodpath").unwrap().args(["rules", "--check"]).arg(&file).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("own.yaml") && message.contains(said), "{message}");
    }
}

fn prodpath(arguments: &[&str], dir: &Path) -> (i32, String, String) {
    let output = assert_cmd::Command::cargo_bin("prodpath").unwrap().args(arguments).arg(dir).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn rules_are_selected_by_id_tool_and_kind() {
    let dir = repository("1.9.8\n");
    let rules = |arguments: &[&str]| {
        let (_, out, _) = prodpath(&[&["--format", "json"], arguments].concat(), dir.path());
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        let all = report["replacements"].as_array().unwrap().iter();
        all.map(|r| r["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (git, terraform) = ("git/submodule-update-init", "terraform/workspace-select-or-create");
    assert_eq!(rules(&[]), [terraform, git]);
    assert_eq!(rules(&["--select", "git"]), [git]);
    assert_eq!(rules(&["--select", terraform]), [terraform]);
    assert_eq!(rules(&["--ignore", "git"]), [terraform]);
    assert_eq!(rules(&["--select", "all", "--ignore", "high"]), [""; 0]);
    let (code, _, message) = prodpath(&["--select", "terrafrom"], dir.path());
    assert_eq!(code, 2);
    assert!(message.contains("no rule and no tool with rules is called terrafrom"), "{message}");
}

#[test]
fn a_repository_brings_rules_of_its_own() {
    let dir = repository("1.9.8\n");
    let own = dir.path().join(".prodpath/rules");
    fs::create_dir_all(&own).unwrap();
    let rule = "title: Apply through the wrapper\npattern: terraform apply <OPTS...>\ndo: run bin/apply\nconfidence: medium\n\
                matches: [terraform apply -auto-approve]\nnear-misses: [terraform plan]\n";
    fs::write(own.join("wrapper.yaml"), rule).unwrap();
    fs::write(own.join("broken.yaml"), rule.replace("medium", "medium\nwhere: [somewhen]")).unwrap();
    fs::write(own.join("wrong.yaml"), rule.replace("terraform plan", "terraform apply")).unwrap();
    let (_, out, _) = prodpath(&["--format", "json"], dir.path());
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(report["replacements"].as_array().unwrap().iter().any(|r| r["rule"] == "own/wrapper"), "{out}");
    let faults: Vec<String> =
        report["diagnostics"].as_array().unwrap().iter().map(|d| format!("{} {}", d["location"]["path"], d["message"])).collect();
    assert!(faults.iter().any(|f| f.contains("broken.yaml") && f.contains("`somewhen` is no condition")), "{faults:?}");
    assert!(faults.iter().any(|f| f.contains("wrong.yaml") && f.contains("this near-miss matches")), "{faults:?}");
    let (_, isolated, _) = prodpath(&["--format", "json", "--isolated"], dir.path());
    assert!(!isolated.contains("own/wrapper"), "{isolated}");
}

#[test]
fn what_a_pattern_meets_and_what_not() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("own.yaml");
    let end = "do: y\nconfidence: high\n";
    for rule in [
        // What is added to a variable sets it to nothing known.
        "pattern: export <N>=<A>\nmatches: [A=b, export A=b]\nnear-misses: [A+=b]\n",
        // A part of a pipe is no whole step.
        "pattern: timeout <N> <CMD...>\nwhere: [whole-unit]\nmatches: [timeout 60 make]\nnear-misses: [timeout 60 make | tee log]\n",
        // `!` denies the whole pipe.
        "pattern: if ! docker images | grep -q <I>; then docker pull <I>; fi\n\
         matches: [docker images | grep -q a || docker pull a]\nnear-misses: ['docker images | grep -q a && docker pull a']\n",
        // Each leaf must have a place.
        "match: {all: [{shell: make <GOAL>}, {yaml: {file: '*.yml', at: name, is: x}}]}\n\
         matches: [{a.sh: make b, b.yml: 'name: x'}]\nnear-misses: [{b.yml: 'name: x'}, {a.sh: make b}]\n",
    ] {
        fs::write(&file, format!("title: x\n{end}{rule}")).unwrap();
        let output = assert_cmd::Command::cargo_bin("prodpath").unwrap().args(["rules", "--check"]).arg(&file).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{rule}{}", String::from_utf8(output.stderr).unwrap());
    }
}

#[test]
fn assignments_before_a_command_stay() {
    let dir = tempfile::tempdir().unwrap();
    let script =
        "CGO_ENABLED=0 git submodule init\ngit submodule update\nlocal B=\"$(git branch | grep '*' | cut -d ' ' -f 2)\"\n";
    fs::write(dir.path().join("deploy.sh"), script).unwrap();
    fs::write(dir.path().join("Makefile"), "deploy:\n\t./deploy.sh\n").unwrap();
    let (_, diff, _) = prodpath(&["fix", "--unsafe"], dir.path());
    assert!(diff.contains("+CGO_ENABLED=0 git submodule update --init\n"), "{diff}");
    assert!(diff.contains("+local B=\"$(git branch --show-current)\"\n"), "{diff}");
    fs::write(dir.path().join("deploy.sh"), "git submodule init\nX=1 git submodule update\n").unwrap();
    let (_, diff, _) = prodpath(&["fix", "--unsafe"], dir.path());
    assert_eq!(diff, "", "what stands before a later command would be lost");
}

#[test]
fn a_comment_sets_a_finding_aside_with_a_reason_and_until_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let report = |comment: &str, options: &[&str]| {
        fs::write(dir.path().join("deploy.sh"), format!("{comment}\ngit submodule init\ngit submodule update\n")).unwrap();
        let mut command = assert_cmd::Command::cargo_bin("prodpath").unwrap();
        // 2026-11-25
        let command = command.args(["--format", "json"]).args(options).arg(dir.path()).env("SOURCE_DATE_EPOCH", "1795600000");
        let report: serde_json::Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        let found = report["replacements"].as_array().unwrap().len();
        let faults: Vec<String> =
            report["diagnostics"].as_array().unwrap().iter().map(|d| d["message"].as_str().unwrap().to_owned()).collect();
        (found, report["suppressed"].clone(), faults.join("\n"))
    };
    let rule = "git/submodule-update-init";
    let (found, aside, faults) = report(&format!("# prodpath: ignore {rule} the mirror is old until=2026-11-25"), &[]);
    assert_eq!((found, faults.as_str()), (0, ""));
    assert_eq!(aside[0]["rule"], rule);
    assert_eq!(aside[0]["reason"], "the mirror is old");
    assert_eq!(aside[0]["until"], "2026-11-25");
    assert_eq!(aside[0]["location"]["line"], 2);
    assert_eq!(report("# prodpath: ignore git the mirror is old", &[]).0, 0, "a tool names all its rules");
    assert_eq!(report("# prodpath: ignore git the mirror is old", &["--isolated"]).0, 1);
    for (comment, fault) in [
        (format!("# prodpath: ignore {rule}"), "gives no reason"),
        (format!("# prodpath: ignore {rule} old until=2026-11-24"), "ended on 2026-11-24"),
        (format!("# prodpath: ignore {rule} old until=soon"), "until=soon is no date"),
        ("# prodpath: ignore git/submodules old".to_owned(), "no rule is called git/submodules"),
    ] {
        let (found, _, faults) = report(&comment, &[]);
        assert!(found == 1 && faults.contains(fault), "{comment}: {found} {faults}");
    }
    assert_eq!(report("echo prodpath: ignore git because", &[]).0, 1, "no comment");
}

#[test]
fn pages_of_rules_are_written_as_markdown() {
    let dir = tempfile::tempdir().unwrap();
    let (code, _, message) = prodpath(&["rules", "terraform", "--pages"], dir.path());
    assert_eq!(code, 0, "{message}");
    insta::assert_snapshot!(fs::read_to_string(dir.path().join("terraform/workspace-select-or-create.md")).unwrap());
    assert!(fs::read_to_string(dir.path().join("README.md")).unwrap().contains("](terraform/workspace-select-or-create.md)"));
}
