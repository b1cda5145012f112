/* global React, ReactDOM, GraphiQL */
const SAMPLE = `# Grapevine. Write here, and press Ctrl-Enter.
# Sign in with the mutation signIn, and put the token into the Headers pane below:
#   { "Authorization": "Bearer TOKEN" }

query Lamps {
  products(query: "lamp", first: 5) {
    totalCount
    nodes {
      id
      title
      merchant { name record { ordersDelivered averageStars } }
      priceFrom { amountMinor currency }
      variants { id available }
      rating { average count }
    }
  }
}
`;
const HEADERS = '{\n  "Authorization": ""\n}';

/** The lines of a stream of server-sent events, as the results that they carry. */
async function* resultsOf(response) {
  let rest = '';
  for await (const chunk of chunksOf(response.body.pipeThrough(new TextDecoderStream()))) {
    const events = (rest + chunk).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: ?(.*)$/m.exec(event)?.[1];
      if (/^event: ?next$/m.test(event) && data) yield JSON.parse(data);
      if (/^event: ?complete$/m.test(event)) return;
    }
  }
}

async function* chunksOf(stream) {
  const reader = stream.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel();
  }
}

const isSubscription = ({ documentAST }, operationName) =>
  documentAST?.definitions.some(
    (node) => node.operation === 'subscription' && (!operationName || node.name?.value === operationName),
  ) ?? false;

function post(path, accept, body, headers) {
  const given = Object.entries(headers ?? {}).filter(([, value]) => value);
  return fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...Object.fromEntries(given) },
    body: JSON.stringify(body),
  });
}

async function fetcher(request, options = {}) {
  if (isSubscription(options, request.operationName)) {
    const response = await post('/graphql/stream', 'text/event-stream', request, options.headers);
    return resultsOf(response);
  }
  const response = await post('/graphql', 'application/json', request, options.headers);
  return response.json();
}

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultQuery: SAMPLE,
    defaultHeaders: HEADERS,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'headers',
  }),
);
