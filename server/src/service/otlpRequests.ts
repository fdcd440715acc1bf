/** Requests of OTLP/HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp), logs only. */

import { decodeOtlpJson, decodeOtlpProtobuf, encodeOtlpResponse, encodeOtlpStatus } from '../wire/otlp.ts';
import type { WebAnswer, WebRequest, WebTask } from './webReceiver.ts';

const [JSON_TYPE, PROTOBUF_TYPE] = ['application/json', 'application/x-protobuf'];

export function handleOtlp({ method, path, contentType, body }: WebRequest): WebTask | WebAnswer {
  if (path !== '/v1/logs') return describeOtlp(404, 'only logs are taken in: /v1/logs', contentType);
  if (method !== 'POST') return { ...describeOtlp(405, 'POST', contentType), headers: { Allow: 'POST' } };
  if (contentType !== JSON_TYPE && contentType !== PROTOBUF_TYPE) return describeOtlp(415, `${JSON_TYPE} or ${PROTOBUF_TYPE}`, contentType);
  const format = contentType === JSON_TYPE ? 'json' : 'protobuf';
  const records = format === 'json' ? decodeOtlpJson(body.toString()) : decodeOtlpProtobuf(body);
  return {
    records,
    // What could not be written will not be the next time either: it is not to be sent again.
    answer: (problem, rejected) => ({
      status: 200,
      contentType,
      body: encodeOtlpResponse(format, problem === null ? null : { rejected, reason: problem }),
    }),
  };
}

/** A failure is told in the request's own format. */
export function describeOtlp(status: number, message: string, contentType: string): WebAnswer {
  const format = contentType === PROTOBUF_TYPE ? 'protobuf' : 'json';
  return { status, contentType: format === 'json' ? JSON_TYPE : PROTOBUF_TYPE, body: encodeOtlpStatus(format, message) };
}
