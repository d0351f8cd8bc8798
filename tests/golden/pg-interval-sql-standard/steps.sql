SET intervalstyle='postgres'; SET datestyle='ISO'; SET timezone='UTC'; INSERT INTO public.t SELECT id+10,i,b,tz,ts,d,f,r,ttz,m,e,ia,dr FROM public.t ORDER BY id;
