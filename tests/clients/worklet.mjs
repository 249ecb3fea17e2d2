// Runs the playout worklet without a browser: steps in on standard input, what it played and said on standard output.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { steps, rate } = JSON.parse(readFileSync(0, "utf8"));
const said = [];
let Player;
Object.assign(globalThis, {
  sampleRate: 48000,
  currentFrame: 0,
  AudioWorkletProcessor: class {
    port = { postMessage: ({ samples, ...rest }) => said.push(rest) };
  },
  registerProcessor: (_, made) => (Player = made),
});
await import(pathToFileURL(process.argv[2]));
const player = new Player({ processorOptions: { rate, targetMs: 40 } });
const played = [];
for (const step of steps) {
  if (step.play === undefined) {
    if (step.packet) step.packet.samples = Float32Array.from(step.packet.samples);
    player.port.onmessage({ data: step });
    continue;
  }
  for (let n = 0; n < step.play; n += 128) {
    const out = new Float32Array(128);
    player.process([], [[out]]);
    globalThis.currentFrame += 128;
    played.push(...out);
  }
}
process.stdout.write(JSON.stringify({ played, said }));
