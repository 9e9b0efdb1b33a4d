#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::model::Stage;

fn read(path: &str, text: &str, tool: &str) -> Vec<(String, bool, Vec<String>, Option<Stage>)> {
    let mut sources = SourceSet::default();
    sources.add(path, text);
    let mut program = Program::default();
    translate(&sources, &mut program);
    let all = program.sessions.get(tool).and_then(|t| t.get(path)).cloned().unwrap_or_default();
    all.into_iter().map(|s| (s.name, s.default, s.commands.iter().map(|c| c.join(" ")).collect(), s.stage)).collect()
}

#[test]
fn environments_of_tox_have_commands_by_factor_and_reference() {
    let text = "[tox]\nenvlist = py{39,310}, lint\n[testenv]\ncommands =\n  pytest {posargs:tests}\n  py310: coverage report\n[testenv:lint]\ncommands = {[base]lint}\n[base]\nlint = flake8 src\n[testenv:docs]\ncommands = {envpython} -m sphinx docs {toxinidir}\n";
    let all = read("tox.ini", text, "tox");
    let of = |name: &str| all.iter().find(|s| s.0 == name).unwrap();
    assert_eq!(of("py39"), &("py39".to_owned(), true, vec!["pytest tests".to_owned()], None));
    assert_eq!(of("py310").2.len(), 2);
    assert_eq!((of("lint").1, of("lint").2[0].as_str()), (true, "flake8 src"));
    assert!(!of("docs").1 && of("docs").2[0].starts_with("python -m sphinx docs "));
    let toml = "[tool.tox]\nenv_list = ['lint']\n[tool.tox.env.lint]\ncommands = [['ruff', 'check'], ['mypy']]\n";
    assert_eq!(read("pyproject.toml", toml, "tox")[0].2, ["ruff check", "mypy"]);
    assert!(read("setup.cfg", "[metadata]\nname = x\n", "tox").is_empty());
}

#[test]
fn sessions_of_nox_and_hooks_of_pre_commit() {
    let text = "import nox\nnox.options.sessions = ['lint']\n@nox.session(python=['3.9'])\ndef tests(session):\n    session.install('.')\n    session.run('pytest', '-q', *session.posargs)\n\n@nox.session(name='lint')\ndef check(s):\n    s.run('ruff', 'check', path)\n";
    let all = read("noxfile.py", text, "nox");
    assert_eq!((all[0].0.as_str(), all[0].1, all[0].2[0].as_str()), ("tests", false, "pytest -q"));
    assert!(all[1].1 && all[1].0 == "lint" && all[1].2[0].starts_with("ruff check "));
    let yaml = "repos:\n- repo: https://x/gitleaks\n  hooks: [{id: gitleaks}]\n- repo: local\n  hooks:\n  - {id: t, entry: pytest -q, stages: [manual]}\n";
    let all = read(".pre-commit-config.yaml", yaml, "pre-commit");
    assert_eq!((all[0].3, all[1].3, all[1].1, all[1].2[0].as_str()), (Some(Stage::Scan), None, false, "pytest -q"));
}
