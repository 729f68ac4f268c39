//! A node daemon of which nothing is asked, for as long as one likes.

use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::control_plane::ControlPlane;
use crate::joined::{JoinedNode, Joining, Line};
use crate::report::Report;
use crate::{cpu, memory};

/// How often its memory is looked at: not in step with its own measurements, during which it is larger.
const EVERY: Duration = Duration::from_millis(1_700);
/// Of how many of the last looks the median is taken.
const LOOKS: usize = 60;
/// How often what was seen so far is said.
const TELL_EVERY: Duration = Duration::from_secs(5 * 60);

/// A daemon of its own, with nothing else on its control plane.
pub(crate) async fn measure(
    server: &ControlPlane,
    program: &Path,
    lasts: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    let node = JoinedNode::start(&Joining::new(server, program, Line::pinned(server))).await?;
    let measured = watch(&node, lasts, report).await;
    measured.and(node.leave(program).await)
}

/// The daemon's memory at the end, and its CPU time until then.
pub(crate) async fn watch(
    node: &JoinedNode,
    lasts: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    let pid = node.pid();
    let (began, before) = (Instant::now(), cpu::used(pid)?);
    let (mut most, mut told) = (0, Duration::ZERO);
    let mut looks = VecDeque::with_capacity(LOOKS);
    let last = loop {
        let left = lasts.saturating_sub(began.elapsed());
        tokio::time::sleep(left.min(EVERY)).await;
        if looks.len() == LOOKS {
            looks.pop_front();
        }
        let now = memory::resident(pid)?;
        looks.push_back(now);
        most = now.max(most);
        let last = median(&looks);
        if left <= EVERY {
            break last;
        }
        if began.elapsed() >= told + TELL_EVERY {
            told = began.elapsed();
            println!("after {} min: {last} KiB", told.as_secs() / 60);
        }
    };
    let spent = cpu::used(pid)?.saturating_sub(before);
    let share = spent.as_secs_f64() / began.elapsed().as_secs_f64();
    report.row(
        &format!("node daemon idle for {}, RSS", span(lasts)),
        format!(
            "{:.1} MiB (at most {:.1})",
            last as f64 / 1024.0,
            most as f64 / 1024.0
        ),
        String::from("–"),
        "≤ 12 MiB",
        last <= 12 * 1024,
    );
    report.row(
        "… CPU, measuring the machine every 10 s",
        format!("{:.2} % of a core", share * 100.0),
        String::from("–"),
        "≤ 0.4 %",
        share <= 0.004,
    );
    Ok(())
}

fn median(looks: &VecDeque<u64>) -> u64 {
    let mut sorted: Vec<_> = looks.iter().copied().collect();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}

/// In minutes, where it is some.
fn span(lasts: Duration) -> String {
    let seconds = lasts.as_secs();
    if seconds >= 120 {
        format!("{} min", seconds / 60)
    } else {
        format!("{seconds} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_seconds_or_minutes() {
        let told = [6, 60, 119, 120, 3_600].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(told, ["6 s", "60 s", "119 s", "2 min", "60 min"]);
    }
}
