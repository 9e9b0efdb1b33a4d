//! Wrappers, shells inside shells, here-documents and masks: places stay those of the file.

use super::super::{Masked, Shell, items as read, mask};
use super::{check, file, masked, render};
use crate::catalogue::Catalogue;
use crate::model::{Expr, Item, Program};
use crate::source::{FileId, OffsetMap, Text};

#[test]
fn wrappers_are_taken_off() {
    check("A=b sudo -E docker push x", &["1 env.A=b [sudo] docker push x"]);
    check("sudo -u app env K=v time npm test", &["1 env.K=v [sudo] [env] [time] npm test"]);
    check("docker run --rm -v a:b node:20 \\\n  npm test", &["1-2 [image node:20] npm test"]);
    check("docker run -d app:1", &["1 docker run -d app:1"]);
    check("docker compose run --rm web rake db:migrate", &["1 [service web] rake db:migrate"]);
    check("docker compose run --entrypoint 'python3 manage.py test' web", &["1 [service web] python3 manage.py test"]);
    check("docker compose run --rm tools -c 'a; ./b c'", &["1 [service tools] a", "1 [service tools] ./b c"]);
    check("docker compose run --rm tools -c", &["1 docker compose run --rm tools -c"]);
    check("docker run --rm tools:1 -c 'a; b'", &["1 docker run --rm tools:1 -c a; b"]);
    check("docker run --rm --entrypoint=terraform tools:1 plan -out p", &["1 [image tools:1] terraform plan -out p"]);
    check("docker run --entrypoint '' node:20 npm test", &["1 [image node:20] npm test"]);
}

#[test]
fn a_shell_inside_keeps_its_own_lines() {
    check("bash -c 'npm test && npm publish'", &["1 [bash] npm test", "1 [bash] npm publish"]);
    check("sh -ec \"\na\nb\n\"", &["2 [sh] a", "3 [sh] b"]);
    check("bash -euo pipefail -c 'a $1' x y", &["1 [bash] a y"]);
    check(
        "ssh -p 22 me@h \"cd /srv &&\n  docker pull $I; systemctl restart \\$S\"\nnext",
        &["Subshell", "  cd /srv", "  2 [@me@h] docker pull <env.I>", "  2 [@me@h] systemctl restart <env.S>", "3 next"],
    );
    check("ssh h sudo bash -c \"'a; b'\"", &["1 [@h] [sudo] [bash] a", "1 [@h] [sudo] [bash] b"]);
    check("docker run node:20 sh -c 'a;\nb'", &["1-2 [image node:20] [sh] a", "1-2 [image node:20] [sh] b"]);
    check("C='make x'\nssh h \"$C\"", &["env.C := make x", "2 [@h] make x"]);
    check("eval \"kubectl apply -f x\"", &["1 kubectl apply -f x"]);
    check("eval \"$X\"", &["unknown: eval of a value that only the run knows"]);
    check("eval \"$(ssh-agent -s)\"", &["1 ssh-agent -s #captured"]);
}

#[test]
fn documents_are_scripts_where_a_shell_reads_them() {
    check(
        "ssh h <<'E'\nset -e\nif x; then\n  a $B\nfi\nE\nnext",
        &["2 [@h] set -e", "3 [@h] x #condition", "Branch when ?[x]", "  4 [@h] a <env.B> #if", "7 next"],
    );
    check("ssh h bash -s <<-E && y\n\ta $B \\$C\n\tE\n", &["2 [@h] a <env.B> <env.C>", "1 y"]);
    check("bash <<E\na\nE", &["2 a"]);
    check("cat <<E | ssh h bash\na\nE", &["1 cat #|>", "2 [@h] a #<|"]);
    check("echo 'a b' | bash", &["1 echo a b #|>", "1 a b #<|"]);
}

#[test]
fn documents_are_data_elsewhere() {
    let script = "kubectl apply -f - <<E\nkind: Job\nimage: $I\nE\n";
    let mut program = Program::default();
    let text = Text::verbatim(FileId(0), script, 0);
    let got = read(&text, &Shell::new(Catalogue::embedded()), &mut program);
    let Some(Item::Command(command)) = got.items.first() else { panic!("no command") };
    let stdin = command.stdin.as_ref().unwrap();
    assert_eq!(stdin.text, "kind: Job\nimage: \u{fffc}\n");
    assert_eq!(file(script).line_range(stdin.span(10..15)), (3, 3));
}

#[test]
fn places_survive_nested_quoting() {
    let script = "x\nssh h \"sudo sh -c \\\"push 'a b' \\\\\\\"q\\\\\\\"\\\"\"\n";
    let mut program = Program::default();
    let text = Text::verbatim(FileId(0), script, 0);
    let got = read(&text, &Shell::new(Catalogue::embedded()), &mut program);
    let Some(Item::Command(command)) = got.items.get(1) else { panic!("no command: {:?}", got.items) };
    let words: Vec<&str> = command.words.iter().filter_map(Expr::literal).collect();
    assert_eq!(words, ["push", "a b", "q"]);
    let written = |i: usize| &script[command.word_spans[i].start as usize..command.word_spans[i].end as usize];
    assert_eq!((written(0), written(1), written(2)), ("push", "'a b'", "\\\\\\\"q\\\\\\\""));
}

#[test]
fn masks_are_expressions_everywhere() {
    let raw = "deploy {{e}}-x \"a{{t}}\" '{{q}}'\nssh h \"run {{e}}\"\nX={{t}}\n{{q}} go";
    let marks = ["{{e}}", "{{t}}", "{{q}}"].into_iter().flat_map(|m| raw.match_indices(m)).map(|(at, m)| {
        let name = m.trim_matches(['{', '}']).to_owned();
        masked(at..at + m.len(), &name)
    });
    let mut marks: Vec<Masked> = marks.collect();
    marks.sort_by_key(|m| m.range.start);
    let (text, marks) = mask(&Text::verbatim(FileId(0), raw, 0), marks);
    let mut program = Program::default();
    let shell = Shell { masked: &marks, ..Shell::new(Catalogue::embedded()) };
    let got = read(&text, &shell, &mut program);
    let mut out = Vec::new();
    render(&got.items, &file(raw), 0, &mut out);
    assert_eq!(out, ["1 deploy <e>-x a<t> <q>", "2 [@h] run <e>", "env.X := <t>", "4 <q> go"]);
}

#[test]
fn a_text_that_is_not_the_file_itself_leads_back_to_it() {
    // A JSON string: `\n` and `\"` are two bytes each of the file.
    let raw = r#"{"s": "a\n bash -c \"b c\""}"#;
    let mut map = OffsetMap::default();
    let mut decoded = String::new();
    let mut at = 7;
    while at < raw.len() - 2 {
        let pair = raw.as_bytes()[at] == b'\\';
        decoded.push(match (pair, raw.as_bytes()[at + usize::from(pair)]) {
            (true, b'n') => '\n',
            (_, b) => char::from(b),
        });
        map.push(1, at, 1 + usize::from(pair));
        at += 1 + usize::from(pair);
    }
    let text = Text { file: FileId(0), text: decoded, map };
    let mut program = Program::default();
    let got = read(&text, &Shell::new(Catalogue::embedded()), &mut program);
    let Some(Item::Command(command)) = got.items.get(1) else { panic!("{:?}", got.items) };
    let at = command.word_spans[1];
    assert_eq!((at.start as usize, &raw[at.start as usize..at.end as usize]), (raw.rfind("c\\").unwrap(), "c"));
}
