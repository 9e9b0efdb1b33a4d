#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::source::FileId;
use std::fmt::Write as _;

fn file(text: &str) -> SourceFile {
    SourceFile::new(FileId(0), "Jenkinsfile", text)
}

/// Statements as short texts: calls as `name(args){closure}`, so that structure can be compared.
fn shape(text: &str) -> String {
    let script = parse(&file(text));
    assert!(script.diagnostics.is_empty(), "{text}: {:?}", script.diagnostics);
    statements(&script.statements)
}

fn statements(all: &[Statement]) -> String {
    all.iter().map(statement).collect::<Vec<_>>().join("; ")
}

fn statement(statement: &Statement) -> String {
    let of = |e: &Option<Expr>| e.as_ref().map_or(String::new(), expr);
    match &statement.kind {
        StatementKind::Expr(e) => expr(e),
        StatementKind::Declare { names, value } => format!("def {} = {}", names.join(","), of(value)),
        StatementKind::If { arms, otherwise } => {
            let mut out = String::new();
            for (condition, body) in arms {
                let _ = write!(out, "if {} {{{}}} ", expr(condition), statements(body));
            }
            format!("{out}else {{{}}}", statements(otherwise))
        }
        StatementKind::For { variable, values, body } => {
            format!("for {} in {} {{{}}}", variable.as_deref().unwrap_or("?"), of(values), statements(body))
        }
        StatementKind::While { condition, body } => format!("while {} {{{}}}", expr(condition), statements(body)),
        StatementKind::Switch { subject, cases } => {
            let cases: Vec<String> = cases.iter().map(|c| format!("{}: {}", of(&c.value), statements(&c.body))).collect();
            format!("switch {} [{}]", expr(subject), cases.join(" | "))
        }
        StatementKind::Try { body, catches, finally } => {
            let catches: Vec<String> = catches.iter().map(|c| statements(c)).collect();
            format!("try {{{}}} catch {{{}}} finally {{{}}}", statements(body), catches.join("|"), statements(finally))
        }
        StatementKind::Return(e) => format!("return {}", of(e)),
        StatementKind::Throw(e) => format!("throw {}", of(e)),
        StatementKind::Jump => "jump".to_owned(),
        StatementKind::Method(m) => {
            let params: Vec<&str> = m.params.iter().map(|p| p.name.as_str()).collect();
            format!("method {}({}) {{{}}}", m.name, params.join(","), statements(&m.body))
        }
        StatementKind::Class { name, body } => format!("class {name} {{{}}}", statements(body)),
        StatementKind::Import(name) => format!("import {name}"),
        StatementKind::Block(body) => format!("{{{}}}", statements(body)),
        StatementKind::Unreadable => "??".to_owned(),
    }
}

fn args(all: &[Arg]) -> String {
    let one = |a: &Arg| a.key.as_ref().map_or_else(|| expr(&a.value), |k| format!("{}: {}", expr(k), expr(&a.value)));
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn expr(e: &Expr) -> String {
    let list = |all: &[Expr]| all.iter().map(expr).collect::<Vec<_>>().join(", ");
    match &e.kind {
        ExprKind::Text(q) => format!("'{}'", q.text.text.escape_debug()),
        ExprKind::Number(n) | ExprKind::Name(n) => n.clone(),
        ExprKind::Bool(b) => b.to_string(),
        ExprKind::Null => "null".to_owned(),
        ExprKind::Property { of, name } => format!("{}.{name}", expr(of)),
        ExprKind::Index { of, index } => format!("{}[{}]", expr(of), list(index)),
        ExprKind::Call(c) => {
            format!("{}{}({})", c.receiver.as_ref().map_or(String::new(), |r| format!("{}.", expr(r))), c.name, args(&c.args))
        }
        ExprKind::New { name, args: all } => format!("new {name}({})", args(all)),
        ExprKind::List(all) => format!("[{}]", list(all)),
        ExprKind::Map(all) => format!("[{}]", if all.is_empty() { ":".to_owned() } else { args(all) }),
        ExprKind::Closure(c) => {
            let params: String = c.params.iter().map(|p| format!("{} ", p.name)).collect();
            format!("{{{params}-> {}}}", statements(&c.body))
        }
        ExprKind::Not(e) => format!("!{}", expr(e)),
        ExprKind::Unary(e) => format!("~{}", expr(e)),
        ExprKind::Binary(o, a, b) => format!("({} {o:?} {})", expr(a), expr(b)),
        ExprKind::Ternary(a, b, c) => format!("({} ? {} : {})", expr(a), expr(b), expr(c)),
        ExprKind::Elvis(a, b) => format!("({} ?: {})", expr(a), expr(b)),
        ExprKind::Assign { target, how, value } => format!("{} {how:?} {}", expr(target), expr(value)),
        ExprKind::Unreadable => "??".to_owned(),
    }
}

#[test]
fn calls_are_read_with_and_without_parentheses() {
    for (text, expected) in [
        ("sh 'x'", "sh('x')"),
        ("sh('x')", "sh('x')"),
        ("sh script: 'x', returnStdout: true", "sh('script': 'x', 'returnStdout': true)"),
        ("sh(script: 'x',\n  returnStdout: true)", "sh('script': 'x', 'returnStdout': true)"),
        ("stage('x') { echo 'a' }", "stage('x', {-> echo('a')})"),
        ("stage('x')\n{\n echo 'a'\n}\necho 'b'", "stage('x', {-> echo('a')}); echo('b')"),
        ("pipeline\n{\nagent any\n}", "pipeline({-> agent(any)})"),
        ("docker.image('x').inside { make() }", "docker.image('x').inside({-> make()})"),
        ("docker.image('x')\n  .inside('-v') { make() }", "docker.image('x').inside('-v', {-> make()})"),
        ("a.b.c(x)\nd", "a.b.c(x); d"),
        ("checkout([$class: 'Git', branches: [[name: 'x']]])", "checkout(['$class': 'Git', 'branches': [['name': 'x']]])"),
        ("checkout scm", "checkout(scm)"),
        ("step([$class: 'X'])", "step(['$class': 'X'])"),
        ("wrap [$class: 'X']", "wrap(['$class': 'X'])"),
        ("parallel a: { sh 'x' }, 'b c': { sh 'y' }", "parallel('a': {-> sh('x')}, 'b c': {-> sh('y')})"),
        ("parallel(\"${x}\": { })", "parallel('${x}': {-> })"),
        ("timeout(time: 5, unit: 'M') { input message: 'ok?' }", "timeout('time': 5, 'unit': 'M', {-> input('message': 'ok?')})"),
        ("node { sh 'a'; sh 'b' }", "node({-> sh('a'); sh('b')})"),
        ("agent any", "agent(any)"),
        ("x.each { v -> sh v }", "x.each({v -> sh(v)})"),
        ("x.each { k, v -> sh \"$k\" }", "x.each({k v -> sh('$k')})"),
        ("equals expected: 1, actual: x", "equals('expected': 1, 'actual': x)"),
        ("sh(['a', 'b'].join(' '))", "sh(['a', 'b'].join(' '))"),
        ("sh '''a'''.stripIndent()", "sh('a'.stripIndent())"),
        ("foo()\n[1, 2].each { }", "foo(); [1, 2].each({-> })"),
        ("lib.method('a') { }", "lib.method('a', {-> })"),
        ("a b c d", "a(b).c(d)"),
        ("x = load 'a.groovy'", "x Set load('a.groovy')"),
        ("def r = sh(script: 'x', returnStdout: true).trim()", "def r = sh('script': 'x', 'returnStdout': true).trim()"),
    ] {
        assert_eq!(shape(text), expected, "{text}");
    }
}

#[test]
fn statements_are_read() {
    for (text, expected) in [
        ("#!/usr/bin/env groovy\n/* a */ echo 'x' // b\n", "echo('x')"),
        ("def x = 'a'\nString y\ndef (a, b) = [1, 2]", "def x = 'a'; def y = ; def a,b = [1, 2]"),
        ("Map<String, List<String>> m = [:]\nString[] s = []", "def m = [:]; def s = []"),
        ("env.X = 'a'\nx += 'b'\nA = credentials('y')", "env.X Set 'a'; x Add 'b'; A Set credentials('y')"),
        ("if (a == 'b') { x() } else if (c) y()\nelse { z() }", "if (a Equal 'b') {x()} if c {y()} else {z()}"),
        ("for (x in ['a', 'b']) { sh x }", "for x in ['a', 'b'] {sh(x)}"),
        ("for (String x : list) sh x", "for x in list {sh(x)}"),
        ("for (int i = 0; i < 3; i++) { f(i) }", "for ? in  {f(i)}"),
        ("while (true) { f() }", "while true {f()}"),
        ("switch (x) { case 'a': f(); break\n case ~/b/:\n default: g() }", "switch x ['a': f(); jump | ~'b':  | : g()]"),
        ("try { f() } catch (Exception e) { g() } finally { h() }", "try {f()} catch {g()} finally {h()}"),
        ("def f(a, b = 'x') { return a }", "method f(a,b) {return a}"),
        ("private static String f(Map<String, Integer> a, final String b) { }", "method f(a,b) {}"),
        ("void call(body) { body() }", "method call(body) {body()}"),
        ("@Library('x@v1') _\n@Field def y = 1\n@NonCPS\ndef f() { }", "_; def y = 1; method f() {}"),
        ("import a.b.C\nclass X implements Y { String a\n def f() { 1 } }", "import a.b.C; class X {def a = ; method f() {1}}"),
        ("return params.X && !y", "return (params.X And !y)"),
        ("x = a ?: b ? 'c' : 'd'", "x Set ((a ?: b) ? 'c' : 'd')"),
        ("f(a =~ /x\\/y/ || b ==~ 'z', c in ['d'], e !in g)", "f(((a Find 'x/y') Or (b Match 'z')), (c In ['d']), (e NotIn g))"),
        ("def x = a\n  && b\n  ? c : d", "def x = ((a And b) ? c : d)"),
        ("def s = 'a' +\n 'b' + c", "def s = (('a' Plus 'b') Plus c)"),
        ("x = (String) y\nz = (a / b) / c", "x Set y; z Set ((a Other b) Other c)"),
        ("def c = { it -> it }\nc('x')", "def c = {it -> it}; c('x')"),
        ("x = new Foo('a') as Bar", "x Set new Foo('a')"),
        ("if (x instanceof String) f()", "if ~x {f()} else {}"),
        ("m['a'].b?.c << 'd'", "(m['a'].b.c Append 'd')"),
        ("throw new Exception(\"x ${y}\")", "throw new Exception('x ${y}')"),
    ] {
        assert_eq!(shape(text), expected, "{text}");
    }
}

fn only_text(text: &str) -> Quoted {
    let script = parse(&file(text));
    assert!(script.diagnostics.is_empty(), "{text}: {:?}", script.diagnostics);
    let StatementKind::Expr(e) = &script.statements[0].kind else { panic!("{text}") };
    let call = e.call().unwrap();
    match &call.args[0].value.kind {
        ExprKind::Text(q) => (**q).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn strings_are_decoded_and_keep_their_places() {
    for (text, decoded, parts) in [
        ("sh 'a $B ${C} \\' \\\\ \\n'", "a $B ${C} ' \\ \n", 0),
        ("sh \"a $B.c ${d ? \"}\" : '{'} \\$E\"", "a $B.c ${d ? \"}\" : '{'} $E", 2),
        ("sh '''a \\\n b\\\\\n c'''", "a  b\\\n c", 0),
        ("sh \"\"\"a\n\\${X} ${y}\n\"\"\"", "a\n${X} ${y}\n", 1),
        ("sh(/a\\/b ${c} \\d/)", "a/b ${c} \\d", 1),
        ("sh($/a $$x /b $/c ${d}/$)", "a $x /b /c ${d}", 1),
        ("sh 'a\\u0041\\101é'", "aAAé", 0),
        ("sh \"cost: $ 5 $1\"", "cost: $ 5 $1", 0),
        ("sh '''a\r\nb'''", "a\nb", 0),
        ("sh \"\"\"say \"hi\" \"\"\"", "say \"hi\" ", 0),
    ] {
        let quoted = only_text(text);
        assert_eq!(quoted.text.text, decoded, "{text}");
        assert_eq!(quoted.parts.len(), parts, "{text}");
    }
    let text = "sh '''\n  one \\\\\n    two\n  three'''";
    let quoted = only_text(text);
    for word in ["one", "two", "three"] {
        let at = quoted.text.text.find(word).unwrap();
        let span = quoted.text.span(at..at + word.len());
        assert_eq!(&text[span.start as usize..span.end as usize], word);
    }
}

#[test]
fn interpolations_are_expressions_with_places() {
    let text = "sh \"a ${env.X} $params.Y ${f('z')}\"";
    let quoted = only_text(text);
    let shown: Vec<String> = quoted.parts.iter().map(|p| expr(&p.expr)).collect();
    assert_eq!(shown, ["env.X", "params.Y", "f('z')"]);
    let span = quoted.parts[0].expr.span;
    assert_eq!(&text[span.start as usize..span.end as usize], "env.X");
    assert_eq!(&quoted.text.text[quoted.parts[1].range.clone()], "$params.Y");
}

#[test]
fn calls_know_their_head_and_their_closure() {
    let text = "node {\n  docker.image('x').inside('-v') {\n    sh 'a'\n  }\n  sh script: 'b',\n     returnStdout: true\n}";
    let script = parse(&file(text));
    let StatementKind::Expr(node) = &script.statements[0].kind else { panic!() };
    let body = node.call().unwrap().body().unwrap();
    let of = |span: Span| &text[span.start as usize..span.end as usize];
    let StatementKind::Expr(inside) = &body.body[0].kind else { panic!() };
    assert_eq!(of(inside.call().unwrap().head), "docker.image('x').inside('-v')");
    assert_eq!(of(inside.call().unwrap().body().unwrap().span), "{\n    sh 'a'\n  }");
    assert_eq!(of(inside.call().unwrap().name_span), "inside");
    assert_eq!(of(body.body[1].span), "sh script: 'b',\n     returnStdout: true");
    assert_eq!(of(node.call().unwrap().head), "node");
}

const SAMPLE: &str = "@Library('a') _\ndef x = \"é ${y ? 'a' : \"${b}\"} $c\"\npipeline {\n agent { docker 'x' }\n stages {\n  stage('a') {\n   when { not { branch 'main' } }\n   steps {\n    sh '''a \\\n    b'''\n    sh(script: \"\"\"x ${y}\"\"\", label: /z/)\n    script { if (a =~ /b/) { parallel a: { f() }, b: { } } else { for (x in [1, 2]) { g x, y: [z: 1] } } }\n   }\n  }\n }\n}\ndef f(a, b = [:]) { try { a() } catch (e) { throw e } finally { switch (a) { case 1: b(); default: c() } } }\n";

#[test]
fn a_fault_costs_only_its_statement() {
    let script = parse(&file("sh 'a'\nfoo(bar baz qux\nsh 'b'\nnode { sh 'c' ) + (\n sh 'd'\n}\nsh 'e"));
    let shown = statements(&script.statements);
    for word in ["sh('a')", "sh('b')", "sh('c')", "sh('d')"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    assert!(!script.diagnostics.is_empty());
}

#[test]
fn broken_files_are_read_without_a_fault_of_ours() {
    assert!(parse(&file(SAMPLE)).diagnostics.is_empty());
    for (at, _) in SAMPLE.char_indices() {
        parse(&file(&SAMPLE[..at]));
        parse(&file(&SAMPLE[at..]));
        let rest = SAMPLE[at..].chars().next().map_or(0, char::len_utf8);
        parse(&file(&format!("{}{}", &SAMPLE[..at], &SAMPLE[at + rest..])));
        for extra in ["\"", "'", "}", "(", "${", "\\", "/"] {
            parse(&file(&format!("{}{extra}{}", &SAMPLE[..at], &SAMPLE[at..])));
        }
    }
}

#[test]
fn hostile_files_end() {
    let many = 100_000;
    for piece in [
        "{",
        "(",
        "[",
        "a{",
        "a(",
        "f {a->",
        "\"${",
        "\"\"\"${",
        "!",
        "a.",
        "a+",
        "a?",
        "a?b:",
        "x=",
        "if(a)",
        "else ",
        "[a:",
        "'",
        "/",
        "$/",
        "a b ",
        "@A(",
        "-",
        "case ",
        "switch(a){case 1:",
        "try{",
        "a::",
        "<",
        "def f(",
        "new A(",
        "/*",
        "a[1]",
        "a()",
        "{}",
        "\\",
        "for(a in ",
        "do{",
        "a as ",
        "é",
        "a?:",
        "a,",
    ] {
        parse(&file(&piece.repeat(many)));
    }
    for (open, close) in [("{", "}"), ("f(", ")"), ("[", "]"), ("a {", "}"), ("\"${", "}\""), ("if (a) {", "}")] {
        let text = format!("{}{}\nsh 'after'\n", open.repeat(many), close.repeat(many));
        let script = parse(&file(&text));
        assert!(statements(&script.statements).ends_with("sh('after')"), "{open}");
    }
}
