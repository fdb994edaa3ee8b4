%% Tsung's WebSocket client counts only the bytes of unsolicited frames. This session type extends that client with
%% a sample for every chat message that arrives, as in Tsung's Jabber client.
-module(ts_chat).
-behavior(ts_plugin).

-include("ts_profile.hrl").
-include("ts_config.hrl").

-export([add_dynparams/4, get_message/2, session_defaults/0, parse/2, dump/2, parse_bidi/2,
         parse_config/2, decode_buffer/2, new_session/0]).

add_dynparams(Subst, Data, Param, Host) -> ts_websocket:add_dynparams(Subst, Data, Param, Host).
get_message(Request, State) -> ts_websocket:get_message(Request, State).
session_defaults() -> ts_websocket:session_defaults().
parse(Data, State) -> ts_websocket:parse(Data, State).
dump(A, B) -> ts_websocket:dump(A, B).
parse_config(Element, Config) -> ts_websocket:parse_config(Element, Config).
decode_buffer(Buffer, Session) -> ts_websocket:decode_buffer(Buffer, Session).
new_session() -> ts_websocket:new_session().

parse_bidi(Data, State = #state_rcv{acc = Acc}) ->
    Buffered = case Acc of [] -> <<>>; _ -> Acc end,
    Rest = frames(<<Buffered/binary, Data/binary>>),
    {nodata, State#state_rcv{acc = case Rest of <<>> -> []; _ -> Rest end}, think}.

frames(Buffer) ->
    case websocket:decode(Buffer) of
        more -> Buffer;
        {_Opcode, Payload, Rest} ->
            delivery(Payload),
            frames(Rest)
    end.

delivery(Payload) ->
    case binary:match(Payload, <<"\"content\":\"sent ">>) of
        {At, Length} ->
            Sent = binary_to_integer(binary:part(Payload, At + Length, 16)),
            Now = erlang:system_time(microsecond),
            ts_mon_cache:add({sample, delivery, (Now - Sent) / 1000});
        nomatch -> ok
    end.
