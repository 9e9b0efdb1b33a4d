//! PowerShell and cmd.exe.

use super::super::Dialect;
use super::read_with;
use crate::model::{Confidence, Item};

#[test]
fn powershell_is_read_command_by_command() {
    let script = "# comment\n$tag = \"v1\"\n$env:STAGE = 'prod'\nSet-Location app\ndocker build `\n  -t \"app:$tag\" .\n\
        if ($x -eq 'y') {\n  & kubectl apply -f $env:FILE\n} else { dotnet test; }\n$v = git describe\n\
        \"tag=$v\" >> $env:GITHUB_OUTPUT\nforeach ($s in $all) { helm upgrade $s ./c | Out-Null }\n<# a\n b #> npm ci\n";
    let (got, _, parsed) = read_with(script, Dialect::PowerShell);
    assert_eq!(
        got,
        [
            "env.tag := v1",
            "env.STAGE := prod",
            "cd app",
            "5-6 docker build -t app:<env.tag> .",
            "8 kubectl apply -f <env.FILE> #if",
            "9 dotnet test #if",
            "10 git describe #captured",
            "env.v := ?[output of a command]",
            "output tag := <env.v>",
            "12 helm upgrade <env.s> ./c #loop #|>",
            "12 Out-Null #loop #<|",
            "14 npm ci",
        ]
    );
    let Some(Item::Command(command)) = parsed.items.get(3) else { panic!("no command") };
    assert_eq!(command.confidence, Confidence::Likely);
}

#[test]
fn cmd_is_read_line_by_line() {
    let script = "@echo off\r\nREM comment\r\n:: comment\r\nset TAG=v1\r\ncd /d app\r\n:label\r\n\
        docker push ^\r\n  app:%TAG%\r\nif \"%1\"==\"prod\" call deploy.bat %2 && echo done\r\n\
        for %%s in (a b) do npm test\r\n";
    let (got, ..) = read_with(script, Dialect::Cmd);
    assert_eq!(
        got,
        [
            "1 echo off",
            "env.TAG := v1",
            "cd app",
            "7-8 docker push app:<env.TAG>",
            "9 deploy.bat <arg.2> #if",
            "9 echo done",
            "10 npm test #loop",
        ]
    );
}
