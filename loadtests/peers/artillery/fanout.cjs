// Artillery's WebSocket engine waits for one response per request. Unsolicited messages are therefore read by a
// function on the socket that the engine opens, into a custom histogram.
'use strict';

const { START_MS, END_MS, MESSAGES, PERIOD_MS } = process.env;

const now = () => performance.timeOrigin + performance.now();
const at = (due, action) => setTimeout(action, Math.max(0, due - now()));

function stay(context, events, done) {
  const { ws, vars } = context;
  ws.on('message', (data) => {
    const event = JSON.parse(data);
    if (event.type === 'chat_message') {
      events.emit('histogram', 'delivery', now() - Number(event.message.content.split(' ')[1]));
    }
  });

  if (vars.talks == '1') {
    const send = (number) => {
      const message = `sent ${now().toFixed(3)} by a talker on schedule`;
      ws.send(JSON.stringify({ type: 'chat_message', message }));
      schedule(number + 1);
    };
    const schedule = (number) => {
      if (number < Number(MESSAGES)) {
        at(Number(START_MS) + Number(vars.offset) + number * Number(PERIOD_MS), () => send(number));
      }
    };
    schedule(0);
  }
  at(Number(END_MS), done);
}

module.exports = { stay };
