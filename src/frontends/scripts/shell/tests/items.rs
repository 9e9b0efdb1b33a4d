//! Commands, conditions, loops and what the shell sets.

use super::super::Dialect;
use super::{check, read_with, render};
use crate::model::UnitKind;

#[test]
fn commands_keep_their_own_lines_with_continuations() {
    check("a b; c 'd e' && f\ng \\\n  h\n", &["1 a b", "1 c d e", "1 f", "2-3 g h"]);
    check("cat > f <<EOF\nbody\nEOF\nnext\n", &["1 cat", "4 next"]);
    check("helm template x |\n  kubectl apply -f -\n", &["1 helm template x #|>", "2 kubectl apply -f - #<|"]);
    check("terraform plan | tee plan.txt | tee b", &["1 terraform plan", "1 tee plan.txt #<|", "1 tee b #<|"]);
}

#[test]
fn words_become_expressions() {
    check(
        r#"push "reg/$IMAGE:${TAG:-latest}" 'a $b' c\ d $1 "$@" ${X%y} {a,b} *.y $'t\'n' --n="$(date)""#,
        &[
            "1 date #captured",
            "1 push reg/<env.IMAGE>:<env.TAG>?latest a $b c d <arg.1> <arg.@> ?[${X%y}] {a,b} *.y t'n --n=?[$(date)]",
        ],
    );
    check(r#"a "$X $(b) ${Y}""#, &["1 b #captured", "1 a <env.X> ?[$(b)] <env.Y>"]);
}

#[test]
fn variables_directories_and_files_are_no_commands() {
    check("A=b\nexport C=\"$A\" D\nlocal E=f\n", &["env.A := b", "env.C := <env.A>", "env.E := f"]);
    check("A=1 B=2\nmake\n", &["env.A := 1", "env.B := 2", "2 make"]);
    check("A=1 make\n", &["1 env.A=1 make"]);
    check("T=$(git rev-parse HEAD)\n", &["1 git rev-parse HEAD #captured", "env.T := ?[$(git rev-parse HEAD)]"]);
    check("D=$(cd x && pwd)\n", &["Subshell", "  cd x", "  1 pwd #captured", "env.D := ?[$(cd x && pwd)]"]);
    check("cd app && npm ci; . ./lib.sh; source \"$D/x.sh\"", &["cd app", "1 npm ci", "source ./lib.sh", "source <env.D>/x.sh"]);
    check("(cd app; make)\nmake", &["Subshell", "  cd app", "  1 make", "2 make"]);
    check("read -r NAME", &["env.NAME := ?[read]"]);
}

#[test]
fn a_program_in_a_literal_variable_is_taken_apart() {
    check("DC='docker compose -f p.yml'\n$DC up -d", &["env.DC := docker compose -f p.yml", "2 docker compose -f p.yml up -d"]);
    check("$TOOL up", &["1 <env.TOOL> up"]);
    check("$(which docker) push x", &["1 which docker #captured", "unknown: a program that only the run knows"]);
}

#[test]
fn branches_carry_their_conditions() {
    check(
        "if [ \"$E\" = prod ] && [ -n \"$X\" ]; then a; elif [[ $B == rel* ]]; then b; else c; fi",
        &[
            "Branch when (<env.E> = prod & !(<env.X> = ))",
            "  1 a #if",
            "Branch when (!((<env.E> = prod & !(<env.X> = ))) & <env.B> glob rel*)",
            "  1 b #if",
            "Branch when (!((<env.E> = prod & !(<env.X> = ))) & !(<env.B> glob rel*))",
            "  1 c #if",
        ],
    );
    check(
        "if ! kubectl get ns x; then b; fi",
        &["1 kubectl get ns x #condition", "Branch when !(?[kubectl get ns x])", "  1 b #if"],
    );
    check("if test -z $A -o $B != c; then b; fi", &["Branch when (<env.A> =  | !(<env.B> = c))", "  1 b #if"]);
    check("if [[ $R =~ ^refs/tags/ ]]; then b; fi", &["Branch when <env.R> startswith refs/tags/", "  1 b #if"]);
    check(
        "[[ $E == prod ]] && a || b",
        &["Branch when <env.E> = prod", "  1 a #if", "Branch when !(<env.E> = prod)", "  1 b #if"],
    );
    check("[ -n \"$E\" ] || exit 1", &["Branch when <env.E> = ", "  1 exit 1 #if"]);
}

#[test]
fn arms_of_a_case_are_branches() {
    check(
        "case \"$1\" in\n  build) a ;;\n  deploy|up*) b ;;\n  *) c ;;\nesac",
        &[
            "Branch when <arg.1> glob build",
            "  2 a #if",
            "Branch when (<arg.1> glob deploy | <arg.1> glob up*)",
            "  3 b #if",
            "Branch when !((<arg.1> glob build | (<arg.1> glob deploy | <arg.1> glob up*)))",
            "  4 c #if",
        ],
    );
}

#[test]
fn loops_over_literal_lists_have_values() {
    check("for s in a 'b c' {d,e}; do x $s; done", &["Loop each env.s in a,b c,d,e", "  1 x <env.s> #loop"]);
    check("L='a b'\nfor s in $L; do x; done", &["env.L := a b", "Loop each env.s in a,b", "  2 x #loop"]);
    check("L=(a b)\nfor s in \"${L[@]}\"; do x; done", &["env.L := ?[L=(a b)]", "Loop each env.s in a,b", "  2 x #loop"]);
    check("for s in $L; do x; done", &["Loop each env.s in ?[$L]", "  1 x #loop"]);
    check("until curl x; do sleep 1; done", &["Loop", "  1 curl x #polling #condition", "  1 sleep 1 #polling"]);
    check(
        "for i in 1 2 3; do curl x && break; sleep 5; done",
        &["Loop each env.i in 1,2,3", "  1 curl x #loop #polling", "  1 break #loop #polling", "  1 sleep 5 #loop #polling"],
    );
    check(
        "ls | while read -r f; do x $f; done",
        &["1 ls #|>", "Loop each env.f in ?[a line that is read]", "  env.f := ?[read]", "  1 x <env.f> #loop"],
    );
}

#[test]
fn arguments_are_unknown_in_a_loop_that_shifts_them() {
    let (got, _, _) = read_with("while [ $# -gt 0 ]; do case $1 in -e) ENV=$2; shift;; esac; done", Dialect::Posix);
    assert_eq!(got[0], "arg.1 := ?[$1]");
    let (got, _, _) = read_with("E=$1; shift; x $1", Dialect::Posix);
    assert_eq!(got[..2], ["env.E := <arg.1>", "arg.1 := <arg.2>"]);
}

#[test]
fn fallbacks_and_what_is_ignored() {
    check("a || true", &["1 a #ignored", "1 true #fallback"]);
    check("a && b || echo no", &["1 a #ignored", "1 b #ignored", "1 echo no #fallback"]);
    check("a || exit 1", &["1 a", "1 exit 1 #fallback"]);
    check("a || { b; exit 1; }", &["1 a", "OnFailure", "  1 b #fallback", "  1 exit 1 #fallback"]);
    check("a & b", &["1 a #&", "1 b"]);
    check("trap 'undo it' ERR\na", &["OnFailure", "  1 undo it #fallback", "2 a"]);
    check("trap 'rm x' EXIT\na", &["2 a", "1 rm x"]);
}

#[test]
fn functions_are_units() {
    let (got, program, script) = read_with("f() {\n  a $1\n}\nfunction g { b; }\nf x\n", Dialect::Posix);
    assert_eq!(got, ["5 f x"]);
    let names: Vec<&str> = script.functions.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(names, ["f", "g"]);
    let f = program.unit(script.functions[0].1);
    assert_eq!((f.kind, f.name.as_str()), (UnitKind::Function, "f"));
    let file = super::file("f() {\n  a $1\n}\n");
    assert_eq!(file.line_range(f.span), (1, 3));
    let mut out = Vec::new();
    render(&f.body, &file, 0, &mut out);
    assert_eq!(out, ["2 a <arg.1>"]);
}

#[test]
fn values_for_later_steps() {
    check("echo \"tag=v$T\" >> \"$GITHUB_OUTPUT\"", &["output tag := v<env.T>", "1 echo tag=v<env.T>"]);
    check("echo a=b >> ${GITHUB_ENV}", &["exported.a := b", "env.a := b", "1 echo a=b"]);
    check("{ echo a=b; echo c=d; } >> $GITHUB_OUTPUT", &["output a := b", "1 echo a=b", "output c := d", "1 echo c=d"]);
    check("echo a=b | tee -a $GITHUB_OUTPUT", &["output a := b", "1 echo a=b", "1 tee -a <env.GITHUB_OUTPUT> #<|"]);
    check("printf 'a=%s\\n' \"$B\" >> $GITHUB_OUTPUT", &["output a := <env.B>", "1 printf a=%s\\n <env.B>"]);
    check(
        "cat >> $GITHUB_ENV <<E\nA=$B\nC=d\nE\n",
        &["exported.A := <env.B>", "env.A := <env.B>", "exported.C := d", "env.C := d", "1 cat"],
    );
    check("echo \"::set-output name=a::$B\"", &["output a := <env.B>", "1 echo ::set-output name=a::<env.B>"]);
    check(
        "echo '##vso[task.setvariable variable=a;isOutput=true]b'",
        &["output A := b", "env.A := b", "1 echo ##vso[task.setvariable variable=a;isOutput=true]b"],
    );
    check(
        "echo '##vso[task.setvariable variable=a.b]c'",
        &["exported.A_B := c", "env.A_B := c", "1 echo ##vso[task.setvariable variable=a.b]c"],
    );
}

#[test]
fn faults_are_local() {
    let (got, program, _) = read_with("a b\nif x; then\nc d\n", Dialect::Posix);
    assert_eq!(got, ["1 a b", "2 x #condition", "Branch when ?[x]", "  3 c d #if"]);
    assert!(!program.diagnostics.is_empty());
    let (got, ..) = read_with("a\n{{ .X }}\nb\n)\nc\n", Dialect::Posix);
    assert!(["1 a", "3 b", "5 c"].iter().all(|w| got.contains(&(*w).to_owned())), "{got:?}");
}

#[test]
fn a_branch_that_ends_the_script_leaves_the_rest_to_the_others() {
    check(
        "if [ \"$A\" = x ]; then a; exit 0; fi\nb\nc",
        &["Branch when <env.A> = x", "  1 a #if", "  1 exit 0 #if", "Branch when !(<env.A> = x)", "  2 b", "  3 c"],
    );
    check("if [ \"$A\" = x ]; then a; exit 1; fi\nb", &["Branch when <env.A> = x", "  1 a #if", "  1 exit 1 #if", "2 b"]);
}
