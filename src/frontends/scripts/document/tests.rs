#![allow(clippy::unwrap_used)]

use super::*;

fn text_of(text: &str) -> (SourceFile, Text) {
    let file = SourceFile::new(crate::source::FileId(0), "README.md", text);
    let document = markup::parse(&file.text, Format::Markdown);
    let script = script(&file, &document.blocks[0].lines);
    (file, script)
}

#[test]
fn prompts_are_taken_off_and_output_is_dropped() {
    let (file, script) = text_of("```console\n$ helm install \\\n>   x\nNAME: x\nme@host:~/a$ kubectl get po\n```\n");
    assert_eq!(script.text, "helm install \\\n  x\nkubectl get po\n");
    let at = script.text.find("kubectl").unwrap();
    assert_eq!(file.line_range(script.span(at..at + 7)), (5, 5));
}

#[test]
fn a_block_without_prompts_is_read_whole() {
    let (_, script) = text_of("```\n# note\necho \"$ 5\" 10% x\nmake a\n```\n");
    assert_eq!(script.text, "# note\necho \"$ 5\" 10% x\nmake a\n");
}

#[test]
fn placeholders_are_masked_and_redirections_stay() {
    let found: Vec<Range<usize>> =
        placeholders("helm upgrade <release name> -n=<ns> <<EOF >x\ncat <a >b <in").into_iter().map(|m| m.range).collect();
    assert_eq!(found, [13..27, 31..35]);
}

fn read(path: &str, text: &str) -> (SourceSet, Program) {
    let mut sources = SourceSet::default();
    sources.add(path, text);
    let mut program = Program::default();
    translate(&sources, Catalogue::embedded(), &mut program);
    (sources, program)
}

#[test]
fn blocks_and_whole_inline_commands_are_units() {
    let text = "```\n.\n├── run.sh\n```\n# Shop\n## Deploy\nRun `docker push shop/api:1` with `docker`.\n\n```sh\ndocker push <image>\n```\n## Local development\n```\ndocker compose up\n```\n```json\n{}\n```\n";
    let (sources, program) = read("docs/run.md", text);
    let shown: Vec<(&str, u32, bool)> =
        program.units.iter().map(|u| (u.name.as_str(), sources.files()[0].line_range(u.span).0, u.local_only)).collect();
    assert_eq!(shown, [("Deploy", 10, false), ("Local development", 14, true), ("inline", 7, false)]);
    assert_eq!(program.units[0].dir, Some(Expr::lit("")));
}

#[test]
fn prose_that_is_no_shell_is_no_fault() {
    let (_, program) = read("README.md", "```\n{ \"a\": (((\n<x> ' \"\n```\n    if [ x\n");
    assert!(program.diagnostics.is_empty() && program.unknowns.is_empty());
}
