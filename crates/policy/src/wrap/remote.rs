//! Commands for other machines; what would be denied here is denied there.

use super::{Inner, Unwrapped};
use crate::argument::Argument;

/// `ssh [options] host command…`: the command is joined by blanks for a shell.
pub(super) fn ssh(outer: &[Argument], unwrapped: &mut Unwrapped) {
    let name = outer[0].text.rsplit('/').next().unwrap_or_default();
    if name == "sshpass" {
        let command = outer
            .iter()
            .position(|argument| argument.text.ends_with("ssh") && argument.text != outer[0].text);
        if let Some(index) = command {
            unwrapped.command(outer, index);
        }
        return;
    }
    let values = "bBcDeEFIiJkLlmMoOpPQRSwW";
    let mut index = 1;
    while let Some(argument) = outer.get(index) {
        let Some(cluster) = argument.text.strip_prefix('-').filter(|c| !c.is_empty()) else {
            break;
        };
        if cluster == "-" {
            index += 1;
            break;
        }
        let value = cluster.find(|letter| values.contains(letter));
        let proxy = argument.text.to_lowercase().contains("command")
            || (cluster.ends_with('o')
                && outer
                    .get(index + 1)
                    .is_some_and(|value| value.text.to_lowercase().contains("command")));
        if proxy {
            unwrapped.opaque("an option of ssh runs a command on this machine");
        }
        let in_next = value.is_some_and(|place| place + 1 == cluster.len());
        index += 1 + usize::from(in_next);
    }
    if outer.get(index).is_some_and(|host| host.many) {
        unwrapped
            .opaque("an argument of ssh is known only when it runs, so what it runs is not known");
    }
    let ended = outer
        .get(index + 1)
        .is_some_and(|argument| argument.text == "--");
    let command = index + 1 + usize::from(ended);
    if outer.len() > command {
        unwrapped.joined_line(outer, command);
    } else {
        unwrapped.inner.push(Inner::RemoteInput);
    }
}
