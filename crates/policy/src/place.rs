//! Where in a TOML file a policy is wrong.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::PolicyError;

/// The error as it is shown to whoever wrote the file: with the line of the rule that it is about. `text`
/// is the whole file, which has been read already, and `table` the name of the policy's table in it.
pub fn explain(text: &str, table: &str, error: &PolicyError) -> String {
    let line = error.rule().and_then(|rule| line_of(text, table, rule));
    match line {
        Some(line) => format!("line {line}: {error}"),
        None => error.to_string(),
    }
}

/// The line of the how manieth rule, both from 1.
fn line_of(text: &str, table: &str, rule: usize) -> Option<usize> {
    let file = DeTable::parse(text).ok()?;
    let rules = file.get_ref().get(table)?.get_ref().get("rules")?;
    let rule: &Spanned<DeValue<'_>> = rules.get_ref().as_array()?.get(rule.checked_sub(1)?)?;
    let before = text.get(..rule.span().start)?;
    Some(before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policy, PolicyDocument};

    #[derive(serde::Deserialize)]
    struct File {
        policy: PolicyDocument,
    }

    #[test]
    fn the_line_of_the_rule_is_named() {
        let text = "# A comment.\n[policy]\ndefault = \"ask\"\n\n[[policy.rules]]\naction = \"deny\"\n\
                    pattern = [\"a\"]\n\n[[policy.rules]]\naction = \"allow\"\npattern = [\"git\"]\n\
                    match = [\"hg log\"]\n";
        let file: File = toml::from_str(text).unwrap();
        let error = Policy::from_document(file.policy).unwrap_err();
        let said = explain(text, "policy", &error);
        assert!(said.starts_with("line 9: rule 2 (git)"), "{said}");
        assert!(said.contains("`hg log`"), "{said}");
        assert_eq!(explain("", "policy", &error), error.to_string());
    }
}
