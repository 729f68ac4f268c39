// The mock's measurements: made up from the time, so that history and live figures agree.
const MINUTE = 60_000;
const GB = 1024 ** 3;

/** Something between 0 and 1 that moves slowly, and a little fast. */
function wave(at, period, phase = 0) {
  const slow = Math.sin((at / (period * MINUTE)) * 2 * Math.PI + phase);
  const fast = Math.sin((at / (0.7 * MINUTE)) * 2 * Math.PI + 3 * phase);
  return Math.min(1, Math.max(0, 0.45 + 0.35 * slow + 0.1 * fast));
}

function seed(name) {
  return [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) / 7;
}

/** The short figures of a list. */
export function usageOf(name) {
  const s = sampleAt(name, Date.now());
  const total = s.memory.total_bytes;
  return {
    at: s.at,
    cpu_millis: Math.round(s.cpu_millis.reduce((a, b) => a + b) / s.cpu_millis.length),
    memory_used_bytes: total - s.memory.available_bytes,
    memory_total_bytes: total,
    disk: {
      path: "/data",
      used_bytes: s.disks[1].total_bytes * 0.93,
      total_bytes: s.disks[1].total_bytes,
    },
  };
}

function sampleAt(name, at) {
  const phase = seed(name);
  const of = (period, n = 0) => wave(at, period, phase + n);
  const disk = (path, size, used) => ({
    path,
    total_bytes: size,
    available_bytes: Math.round(size * (1 - used)),
    inodes: 1_000_000,
    inodes_available: Math.round(1_000_000 * (1 - used / 3)),
  });
  return {
    at,
    uptime_s: 800_000,
    cpu_millis: Array.from({ length: 8 }, (_, core) => Math.round(1000 * of(30 + core * 9, core))),
    load_millis: [30, 90, 240].map((period) => Math.round(6000 * of(period))),
    pressure: {
      cpu_millis: Math.round(180 * of(30)),
      memory_millis: Math.round(20 * of(70)),
      io_millis: Math.round(90 * of(45)),
    },
    memory: {
      total_bytes: 64 * GB,
      available_bytes: Math.round(64 * GB * (1 - 0.3 - 0.4 * of(200))),
      swap_total_bytes: 8 * GB,
      swap_used_bytes: Math.round(8 * GB * 0.2 * of(500)),
    },
    disks: [disk("/", 200 * GB, 0.42), disk("/data", 2000 * GB, 0.85 + 0.08 * of(900))],
    devices: [
      {
        name: "nvme0n1",
        read_bytes_per_s: Math.round(9e7 * of(20) ** 4),
        written_bytes_per_s: Math.round(4e7 * of(35) ** 3),
        busy_millis: Math.round(700 * of(20) ** 3),
      },
    ],
    networks: [
      {
        name: "eth0",
        received_bytes_per_s: Math.round(5e7 * of(25) ** 3),
        sent_bytes_per_s: Math.round(2e7 * of(25, 1) ** 3),
        errors: 0,
      },
    ],
    open_files: Math.round(12_000 + 3000 * of(120)),
    processes: ["postgres", "node", "rustc", "chromium", "dockerd"].map((name, n) => ({
      pid: 1200 + n * 317,
      name,
      cpu_millis: Math.round(1800 * of(30, n) * 0.6 ** n),
      memory_bytes: Math.round(2 * GB * 0.7 ** n),
    })),
    workspaces: [],
  };
}

/** A history with a gap of an eighth in it. */
export function history(node, query) {
  const to = Number(query.get("to") ?? Date.now());
  const from = Number(query.get("from") ?? to - 60 * MINUTE);
  const step = Math.max(
    10_000,
    Math.ceil((to - from) / Number(query.get("points") ?? 300) / 10_000) * 10_000,
  );
  const gap = [from + (to - from) * 0.6, from + (to - from) * 0.725];
  const end = node.state === "offline" ? node.last_seen_at : to;
  const times = [];
  for (let at = Math.ceil(from / step) * step; at <= Math.min(to, end); at += step) times.push(at);
  const all = times.map((at) => (at > gap[0] && at < gap[1] ? undefined : sampleAt(node.name, at)));
  const series = [];
  const put = (metric, of, value, spread) => {
    const average = all.map((sample) => (sample ? value(sample) : null));
    const scaled = (factor) => average.map((v) => (v === null ? null : Math.round(v * factor)));
    const more = spread && step > MINUTE ? { low: scaled(0.7), high: scaled(1.2) } : {};
    series.push({ metric, ...(of ? { of } : {}), average, ...more });
  };
  put("cpu", "", (s) => Math.round(s.cpu_millis.reduce((a, b) => a + b) / 8), true);
  for (let core = 0; core < 8; core += 1) put("core", String(core), (s) => s.cpu_millis[core]);
  ["load1", "load5", "load15"].forEach((metric, n) => {
    put(metric, "", (s) => s.load_millis[n]);
  });
  for (const kind of ["cpu", "memory", "io"])
    put(`pressure_${kind}`, "", (s) => s.pressure[`${kind}_millis`]);
  put("memory_used", "", (s) => s.memory.total_bytes - s.memory.available_bytes, true);
  put("memory_total", "", (s) => s.memory.total_bytes);
  put("swap_used", "", (s) => s.memory.swap_used_bytes, true);
  put("swap_total", "", (s) => s.memory.swap_total_bytes);
  ["/", "/data"].forEach((path, n) => {
    put("disk_used", path, (s) => s.disks[n].total_bytes - s.disks[n].available_bytes);
    put("disk_total", path, (s) => s.disks[n].total_bytes);
    put("inodes_used", path, (s) => s.disks[n].inodes - s.disks[n].inodes_available);
    put("inodes_total", path, (s) => s.disks[n].inodes);
  });
  for (const kind of ["read", "written"])
    put(`device_${kind}`, "nvme0n1", (s) => s.devices[0][`${kind}_bytes_per_s`]);
  put("device_busy", "nvme0n1", (s) => s.devices[0].busy_millis);
  for (const kind of ["received", "sent"])
    put(`network_${kind}`, "eth0", (s) => s.networks[0][`${kind}_bytes_per_s`]);
  put("network_errors", "eth0", () => 0);
  put("open_files", "", (s) => s.open_files);
  const latest = sampleAt(node.name, times.at(-1) ?? to);
  return { from, to, step_ms: step, times, series, latest };
}

/** The live measurements of a server, every two seconds. */
export function telemetrySocket(url) {
  if (!url.pathname.endsWith("/telemetry/live")) return undefined;
  return (ws) => {
    const send = () => ws.send(JSON.stringify(sampleAt("oslo-gpu-1", Date.now())));
    send();
    const timer = setInterval(send, 2000);
    ws.on("close", () => clearInterval(timer));
  };
}
